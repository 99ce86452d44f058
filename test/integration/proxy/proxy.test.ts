import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, Services, type Pod, type Service } from '../../../src/api/core/v1/types.ts';
import { EndpointSlices } from '../../../src/api/discovery/v1/types.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import { startProxy } from '../../../src/proxy/proxy.ts';

/** A cluster of one simulated node, its proxy, and a kernel that notes what it is told; `refusals` are taken in order. */
async function setUp() {
  await using opened = new AsyncDisposableStack();
  const cluster = opened.use(await startTestCluster());
  const [name = ''] = cluster.nodes();
  const groups = ['system:authenticated'];
  const stop = new AbortController();
  const transactions: string[] = [];
  const refusals: Error[] = [];
  const applied: number[] = [];
  const proxy = startProxy({
    client: cluster.clientOf({ name: 'system:kube-proxy', groups }),
    podClient: cluster.clientOf({ name: `system:node:${name}`, groups: [...groups, 'system:nodes'] }),
    node: { name, addresses: ['172.29.0.2'], podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' },
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
    onApplied: (version) => applied.push(Number(version)),
  });
  opened.defer(async () => {
    stop.abort();
    await proxy.stopped;
  });
  await cluster.until(() => transactions.length > 0);
  const resources = opened.move();
  return {
    cluster,
    proxy,
    transactions,
    refusals,
    applied,
    isWritten: (text: string) => cluster.until(() => transactions.some((one) => one.includes(text))),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const service: Service = {
  metadata: { namespace: 'default', name: 'web' },
  spec: { selector: { app: 'web' }, clusterIP: '10.96.0.77', ports: [{ port: 80, targetPort: 8080 }] },
};
function pod(name: string): Pod {
  const spec = { containers: [{ name: 'app', image: 'app:1', ports: [{ containerPort: 9000, hostPort: 9001 }] }] };
  return { metadata: { namespace: 'default', name, labels: { app: 'web' } }, spec };
}

test('the first transaction is the whole table, and then a Service, its pod and the host port come as differences', async () => {
  await using world = await setUp();
  const { cluster, transactions, isWritten } = world;
  assert.match(transactions[0]!, /^table ip kubeling-services\ndelete table/);
  await cluster.client.create(Services, service);
  await isWritten('add element ip kubeling-services frontends { 10.96.0.77 . tcp . 80 : ');
  await cluster.client.create(Pods, pod('web'));
  await cluster.until(async () => (await cluster.client.get(Pods, pod('web').metadata)).status?.podIP !== undefined);
  const { podIP } = (await cluster.client.get(Pods, pod('web').metadata)).status!;
  await isWritten(`: ${podIP} . 8080`);
  await isWritten('frontends { 172.29.0.2 . tcp . 9001 : ');
  assert.equal(transactions.filter((one) => one.includes('delete table')).length, 1);
});

test('what the kernel refuses is followed by the whole table, as it is to be then', async () => {
  await using world = await setUp();
  const { cluster, proxy, transactions, refusals, isWritten } = world;
  refusals.push(...Array.from({ length: 4 }, () => new Error('no room')));
  const before = transactions.length;
  assert.ok(proxy.isHealthy());
  await cluster.client.create(Services, service);
  await cluster.until(() => !proxy.isHealthy());
  await isWritten('10.96.0.77 . tcp . 80');
  assert.equal(refusals.length, 0);
  assert.match(transactions[before]!, /^table ip kubeling-services\ndelete table/);
  await cluster.until(() => proxy.isHealthy());
});

test('what is reported as applied has reached the version of every slice that the kernel shows, and nothing more', async () => {
  await using world = await setUp();
  const { cluster, applied, refusals, proxy, isWritten } = world;
  await cluster.client.create(Services, service);
  await cluster.client.create(Pods, pod('web'));
  await isWritten('. 8080');
  const versionNow = async () => {
    const { items } = await cluster.client.list(EndpointSlices, { namespace: 'default' });
    return Math.max(...items.map(({ metadata }) => Number(metadata.resourceVersion)));
  };
  const version = await versionNow();
  await cluster.until(() => applied.at(-1)! >= version);
  refusals.push(...Array.from({ length: 4 }, () => new Error('not now')));
  await cluster.client.delete(Pods, pod('web').metadata);
  // While it ends it is still used, for there is no other; that changes no rule.
  await cluster.until(() => proxy.slices.list('default').some(({ endpoints }) => (endpoints ?? []).length === 0));
  const newer = await versionNow();
  assert.ok(newer > version && applied.at(-1)! < newer);
  await cluster.until(() => applied.at(-1)! >= newer);
  assert.equal(refusals.length, 0);
});
