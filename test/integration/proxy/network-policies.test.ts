import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, type Pod } from '../../../src/api/core/v1/types.ts';
import { NetworkPolicies, type NetworkPolicySpec } from '../../../src/api/networking/v1/types.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import { enforcePolicies } from '../../../src/proxy/policy/enforcer.ts';

const namespace = 'default';

/** A cluster of one simulated node, its policies, and a kernel that notes what it is told; `refusals` are taken in order. */
async function setUp() {
  await using opened = new AsyncDisposableStack();
  const cluster = opened.use(await startTestCluster());
  const [nodeName = ''] = cluster.nodes();
  const stop = new AbortController();
  const transactions: string[] = [];
  const refusals: Error[] = [];
  const enforcer = enforcePolicies({
    client: cluster.clientOf({ name: 'system:kube-proxy', groups: ['system:authenticated'] }),
    nodeName,
    kernel: {
      transact(commands) {
        const refusal = refusals.shift();
        if (refusal !== undefined) return Promise.reject(refusal);
        transactions.push(commands);
        return Promise.resolve();
      },
      forget: () => Promise.resolve(),
    },
    clock: cluster.clock,
    random: new SeededRandom(1),
    log: silentLogger,
    signal: stop.signal,
  });
  opened.defer(async () => {
    stop.abort();
    await enforcer.stopped;
  });
  await cluster.until(() => transactions.length > 0);
  const resources = opened.move();
  return {
    cluster,
    client: cluster.client,
    enforcer,
    transactions,
    refusals,
    isWritten: (text: string) => cluster.until(() => transactions.some((one) => one.includes(text))),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function pod(name: string): Pod {
  return {
    metadata: { namespace, name, labels: { app: name } },
    spec: { containers: [{ name: 'app', image: 'app:1' }] },
  };
}
const closed = { metadata: { namespace, name: 'closed' }, spec: { podSelector: {} } satisfies NetworkPolicySpec };

test('the first transaction makes an empty table, for an earlier run may have left policies that are no more', async () => {
  await using world = await setUp();
  assert.match(world.transactions[0]!, /^table ip kubeling-policies\ndelete table/);
  assert.doesNotMatch(world.transactions[0]!, /add element/);
});

test('a policy isolates the pods that are there, then a peer is let in, and all is open when the policy is gone', async () => {
  await using world = await setUp();
  const { cluster, client, transactions, isWritten } = world;
  await client.create(Pods, pod('web'));
  const addressOf = async (name: string) => (await client.get(Pods, { namespace, name })).status?.podIP;
  await cluster.until(async () => (await addressOf('web')) !== undefined);
  const web = await addressOf('web');
  const { metadata } = await client.create(NetworkPolicies, closed);
  await isWritten(`add element ip kubeling-policies ingress { ${web} : `);
  const from = [{ podSelector: { matchLabels: { app: 'client' } } }];
  await client.patch(NetworkPolicies, metadata, { type: 'merge', body: { spec: { ingress: [{ from }] } } });
  await client.create(Pods, pod('client'));
  await cluster.until(async () => (await addressOf('client')) !== undefined);
  await isWritten(` . ${await addressOf('client')} }`);
  await client.delete(NetworkPolicies, metadata);
  await isWritten(`delete element ip kubeling-policies ingress { ${web}`);
  assert.equal(transactions.filter((one) => one.includes('delete table')).length, 1);
});

test('what the kernel refuses is followed by the whole table', async () => {
  await using world = await setUp();
  const { client, refusals, transactions, isWritten } = world;
  refusals.push(new Error('no room'), new Error('no room'));
  await client.create(Pods, pod('web'));
  await client.create(NetworkPolicies, closed);
  await isWritten('add element ip kubeling-policies ingress {');
  assert.equal(refusals.length, 0);
  assert.match(transactions.at(-1)!, /^table ip kubeling-policies\ndelete table/);
});

test('a pod whose status does not tell its address yet is isolated before its containers start', async () => {
  await using world = await setUp();
  const { cluster, client, enforcer, transactions, refusals } = world;
  const young = { ...pod('young'), metadata: { ...pod('young').metadata, uid: 'u1' } };
  young.spec.nodeName = cluster.nodes()[0]!;
  const isolated = async () => {
    let isDone = false;
    void enforcer.isolate(young, '10.244.0.77').then(() => (isDone = true));
    await cluster.until(() => isDone);
  };
  await isolated();
  assert.equal(transactions.length, 1, 'without a policy nobody waits');
  await client.create(NetworkPolicies, closed);
  refusals.push(new Error('not now'));
  await isolated();
  assert.equal(refusals.length, 0);
  assert.match(transactions.join(''), /ingress \{ 10\.244\.0\.77 : /);
  await isolated(); // a second container
});

test('a pod is not said to be isolated when the kernel takes nothing', async () => {
  await using world = await setUp();
  const { cluster, client, enforcer, refusals } = world;
  await client.create(NetworkPolicies, closed);
  await cluster.until(() => enforcer.policies.list(namespace).length > 0);
  refusals.push(...Array.from({ length: 1000 }, () => new Error('never')));
  const young = { ...pod('young'), spec: { ...pod('young').spec, nodeName: cluster.nodes()[0]! } };
  let failure: unknown;
  enforcer.isolate(young, '10.244.0.77').catch((error: unknown) => (failure = error));
  await cluster.until(() => failure !== undefined);
  assert.match(String(failure), /Not done within/);
});

test('all rules are written anew when they are to be restored', async () => {
  await using world = await setUp();
  const { cluster, enforcer, transactions } = world;
  enforcer.restore();
  await cluster.until(() => transactions.length > 1);
  assert.match(transactions[1]!, /^table ip kubeling-policies\ndelete table/);
});
