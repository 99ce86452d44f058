import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { compilePolicy } from './compiled-policy.ts';
import { reportDenials } from './denial-reporter.ts';
import { PolicyModel } from './policy-model.ts';
import { policyPod } from './policy-pod.ts';
import type { RefusedFlow } from './refusal-sets.ts';

const namespace = 'shop';

/** A node whose pod `db` two policies isolate, and a kernel that counts what it is told to have refused. */
async function setUp() {
  const clock = new VirtualClock();
  const model = new PolicyModel();
  const pods = ['db', 'web'].map((name, index): Pod => ({
    metadata: { namespace, name, labels: { app: name } },
    spec: { nodeName: 'one', containers: [] },
    status: { podIP: `10.244.0.${index}` },
  }));
  for (const pod of pods) model.setPod(keyText(pod.metadata), policyPod(pod, 'one'));
  const have = async (...names: string[]): Promise<number> => {
    for (const name of ['db', 'all'])
      model.setPolicy(
        `${namespace}/${name}`,
        names.includes(name)
          ? compilePolicy({
              metadata: { namespace, name },
              spec: { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] },
            })
          : undefined,
      );
    await model.update(clock);
    return Number(model.elements().find(({ collection }) => collection === 'ingress')?.value);
  };
  const stop = new AbortController();
  const told: string[] = [];
  const asked: string[] = [];
  const kernel = { denied: new Map<number, number>(), flows: [] as RefusedFlow[], isFlushed: false };
  const reporter = reportDenials({
    enforcer: {
      model,
      pod: (key) => pods.find(({ metadata }) => keyText(metadata) === key),
      restore: () => void asked.push('restore'),
    },
    sets: {
      denied() {
        asked.push('denied');
        return kernel.isFlushed ? Promise.reject(new Error('no such set')) : Promise.resolve(new Map(kernel.denied));
      },
      flows() {
        asked.push('flows');
        return Promise.resolve(kernel.flows);
      },
    },
    events: {
      record: ({ metadata }, type, reason, message) => told.push(`${metadata.name}: ${type} ${reason} ${message}`),
    },
    clock,
    log: silentLogger,
    signal: stop.signal,
  });
  const refuse = (profile: number, packets: number): void => {
    kernel.denied.set(profile, (kernel.denied.get(profile) ?? 0) + packets);
    kernel.flows = [
      {
        profile,
        from: '10.244.0.1',
        to: '10.244.0.0',
        protocol: 'tcp',
        port: 5432,
        packets: (kernel.flows[0]?.packets ?? 0) + packets,
      },
    ];
  };
  const look = async (): Promise<void> => clock.advance(10_000);
  const end = async (): Promise<void> => {
    stop.abort();
    await reporter.stopped;
  };
  return { have, kernel, refuse, look, told, asked, reporter, [Symbol.asyncDispose]: end };
}

test('refused packets are counted by each policy that isolates the pod, and told to it', async () => {
  await using world = await setUp();
  const { have, kernel, refuse, look, told, reporter } = world;
  const one = await have('db');
  refuse(one, 2);
  await look();
  const message = (who: string) =>
    `db: Warning NetworkPolicyDenied ${who} not allow ingress from pod shop/web (10.244.0.1) to port 5432/TCP`;
  assert.deepEqual(told.splice(0), [message('NetworkPolicy "db" does')]);
  const both = await have('db', 'all');
  refuse(one, 1); // before the rules had changed
  refuse(both, 3);
  await look();
  assert.deepEqual(told.splice(0), [message('NetworkPolicies "all" and "db" do')]);
  const packets = () => Object.fromEntries(reporter.denied().map(({ policy, packets: count }) => [policy, count]));
  assert.deepEqual(packets(), { 'shop/db': 6, 'shop/all': 3 });
  kernel.denied = new Map([[both, 1]]); // the table was replaced
  await look();
  assert.deepEqual(packets(), { 'shop/db': 7, 'shop/all': 4 });
  assert.deepEqual(told, []);
});

test('the kernel is asked only while a pod is isolated, and for connections only when more was refused', async () => {
  await using world = await setUp();
  const { have, refuse, look, asked } = world;
  await look();
  assert.deepEqual(asked.splice(0), []);
  const profile = await have('all');
  await look();
  assert.deepEqual(asked.splice(0), ['denied']);
  refuse(profile, 1);
  await look();
  assert.deepEqual(asked.splice(0), ['denied', 'flows']);
  await look();
  assert.deepEqual(asked.splice(0), ['denied']);
  await have();
  await look();
  assert.deepEqual(asked, []);
});

test('rules that somebody has removed are written anew', async () => {
  await using world = await setUp();
  const { have, kernel, look, asked } = world;
  await have('all');
  kernel.isFlushed = true;
  await look();
  assert.deepEqual(asked, ['denied', 'restore']);
});
