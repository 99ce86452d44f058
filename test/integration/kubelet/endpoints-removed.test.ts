import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, type Pod } from '../../../src/api/core/v1/types.ts';
import type { AskEndpointsRemoved } from '../../../src/kubelet/pods/endpoints-removed.ts';
import { oneNode } from './one-node.ts';

type Answer = { afterMs: number; outcome?: string } | 'never' | 'failure';

const image = 'my-registry/my-app:v1';
const app = { name: 'app', image };
const slowStop = { ...app, lifecycle: { preStop: { sleep: { seconds: 1 } } } };
const stepMs = 50;

/** A node whose kubelet gets `answer` when it asks; `asked` are the pods that it asked about, with the time it gave. */
async function asking(answer: Answer) {
  const asked: string[] = [];
  const askEndpointsRemoved: AskEndpointsRemoved = async ({ metadata }, timeoutMs, signal) => {
    asked.push(`${metadata.name} ${timeoutMs}`);
    if (answer === 'failure') throw new Error('the server is away');
    await cluster.clock.sleep(answer === 'never' ? 3_600_000 : answer.afterMs, signal);
    return { outcome: (answer !== 'never' && answer.outcome) || 'removed' };
  };
  const cluster = await oneNode({ askEndpointsRemoved });
  return Object.assign(cluster, { asked });
}

const rows: { name: string; answer: Answer; spec?: Partial<Pod['spec']>; graceSeconds?: number; wantMs: number }[] = [
  { name: 'a moment after its endpoints are out', answer: { afterMs: 300 }, wantMs: 500 },
  { name: 'sooner than that when its time is over', answer: { afterMs: 1900 }, wantMs: 2000 },
  { name: 'at once when it has no endpoints', answer: { afterMs: 0, outcome: 'no endpoints' }, wantMs: 0 },
  { name: 'at once when nobody can say', answer: 'failure', wantMs: 0 },
  { name: 'after two seconds whatever happens', answer: 'never', wantMs: 2000 },
  { name: 'after half of a short grace period', answer: 'never', graceSeconds: 1, wantMs: 500 },
  {
    name: 'after its preStop hook, which runs meanwhile',
    answer: { afterMs: 300 },
    spec: { containers: [slowStop] },
    wantMs: 1000,
  },
  {
    name: 'after its endpoints though the hook is over',
    answer: 'never',
    spec: { containers: [slowStop] },
    wantMs: 2000,
  },
  { name: 'at once when its object is removed by force', answer: 'never', graceSeconds: 0, wantMs: 0 },
];

for (const { name, answer, spec = { containers: [app] }, graceSeconds, wantMs } of rows)
  test(`a deleted pod gets SIGTERM ${name}`, async () => {
    await using cluster = await asking(answer);
    const { clock, client, call, runtime } = cluster;
    await cluster.createPod('web', spec);
    await clock.advance(3000);
    const options = graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds };
    await call(client.delete(Pods, { namespace: 'default', name: 'web' }, options));
    const began = clock.now();
    const isRunning = async () => (await runtime.listContainers()).some(({ state }) => state === 'running');
    while (await isRunning()) await clock.advance(stepMs);
    assert.equal(clock.now() - began, wantMs);
  });

test('it is asked once for all containers of a pod', async () => {
  await using cluster = await asking({ afterMs: 100 });
  const { clock, client, call } = cluster;
  await cluster.createPod('web', { containers: [app, { ...app, name: 'other' }] });
  await clock.advance(3000);
  await call(client.delete(Pods, { namespace: 'default', name: 'web' }));
  await clock.advance(3000);
  assert.deepEqual(cluster.asked, ['web 1900']);
  assert.equal(await cluster.pod('web'), undefined);
});

test('a container that is restarted and a pod that completes are nobody to ask about', async () => {
  await using cluster = await asking('never');
  const { clock, asked } = cluster;
  const livenessProbe = { exec: { command: ['check'] }, periodSeconds: 1, failureThreshold: 1 };
  const annotations = { 'simulated.kubeling.dev/app': JSON.stringify([{ unhealthyAfterMs: 2000 }, {}]) };
  await cluster.createPod('sick', { containers: [{ ...app, livenessProbe }] }, { annotations });
  await cluster.createPod('short', { containers: [app], activeDeadlineSeconds: 5 });
  await clock.advance(40_000);
  const { status } = (await cluster.pod('sick'))!;
  assert.equal(status?.containerStatuses?.[0]?.restartCount, 1);
  assert.equal((await cluster.pod('short'))?.status?.phase, 'Failed');
  assert.deepEqual(asked, []);
});
