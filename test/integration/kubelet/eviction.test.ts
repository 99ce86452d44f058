import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nodes, Pods } from '../../../src/api/core/v1/types.ts';
import { oneNode } from './one-node.ts';
import { behaves, conditionsOf, image, remove } from './story.ts';

const message = 'Usage of EmptyDir volume "v" exceeds the limit "5Mi". ';

test('a pod that is evicted fails with the reason, and is not started again', async () => {
  await using cluster = await oneNode();
  const { clock } = cluster;
  const { metadata } = await cluster.createPod('greedy', { containers: [{ name: 'app', image: 'app:v1' }] });
  await clock.advance(3000);
  cluster.evict('another', message);
  cluster.evict(metadata.uid!, message);
  cluster.evict(metadata.uid!, 'said twice');
  await clock.advance(60_000);
  assert.match(cluster.rows.at(-1)!, /^greedy Failed app=(Error|Completed)$/);
  const { status } = (await cluster.pod('greedy'))!;
  assert.deepEqual([status!.reason, status!.message], ['Evicted', message]);
  const told = await cluster.events('greedy');
  assert.deepEqual(
    told.filter((event) => event.includes('Evicted')),
    [`Warning Evicted ${message}`],
  );
});

test('a pod that was deleted and takes its time has none when it is evicted', async () => {
  await using cluster = await oneNode();
  const { clock, rows } = cluster;
  const { metadata } = await cluster.createPod(
    'deaf',
    { terminationGracePeriodSeconds: 600, containers: [{ name: 'app', image }] },
    behaves({ app: { ignoresTerm: true } }),
  );
  await clock.advance(2000);
  await remove(cluster, 'deaf');
  await clock.advance(2000);
  cluster.evict(metadata.uid!, message);
  await clock.advance(5000);
  assert.deepEqual(rows.slice(-2), ['deaf Failed app=Error leaving', 'deaf deleted']);
  assert.ok((await cluster.events('deaf')).includes(`Warning Evicted ${message}`));
});

test('a pod that is deleted before its containers run has failed', async () => {
  await using cluster = await oneNode();
  const { clock, client, call } = cluster;
  const name = 'waiting';
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'a' } } }];
  await cluster.createPod(name, { containers: [{ name: 'app', image, env }] }, { finalizers: ['example.com/keep'] });
  await clock.advance(2000);
  await remove(cluster, name);
  await clock.advance(10_000);
  const { status } = (await cluster.pod(name))!;
  const { terminated } = status!.containerStatuses![0]!.state!;
  assert.deepEqual(
    [status!.phase, terminated?.reason, terminated?.exitCode],
    ['Failed', 'ContainerStatusUnknown', 137],
  );
  await call(
    client.patch(Pods, { namespace: 'default', name }, { type: 'merge', body: { metadata: { finalizers: null } } }),
  );
  await clock.advance(2000);
  assert.equal(await cluster.pod(name), undefined);
});

test('a pod that goes for others says so in a condition, at once', async () => {
  await using cluster = await oneNode();
  const { clock } = cluster;
  const { metadata } = await cluster.createPod('greedy', { containers: [{ name: 'app', image: 'app:v1' }] });
  await clock.advance(3000);
  cluster.evict(metadata.uid!, message, 'TerminationByKubelet');
  await clock.advance(10_000);
  const { status } = (await cluster.pod('greedy'))!;
  assert.deepEqual([status!.phase, status!.reason, status!.message], ['Failed', 'Evicted', message]);
  assert.equal(conditionsOf(status)['DisruptionTarget'], `True TerminationByKubelet ${message}`);
});

test('a node that runs short of memory says so, and turns away pods that ask for nothing', async () => {
  let available = 2 ** 30;
  await using cluster = await oneNode({
    observe: async () => ({ 'memory.available': { available, capacity: 2 ** 34 } }),
  });
  const { clock, client, call } = cluster;
  const nodePressure = async () => {
    const { status } = await call(client.get(Nodes, { name: cluster.node }));
    return status!.conditions!.find(({ type }) => type === 'MemoryPressure')!.reason;
  };
  assert.equal(await nodePressure(), 'KubeletHasSufficientMemory');
  available = 2 ** 20;
  await clock.advance(11_000);
  assert.equal(await nodePressure(), 'KubeletHasInsufficientMemory');
  const containers = [{ name: 'app', image }];
  await cluster.createPod('modest', { containers });
  const requests = { memory: '1Mi' };
  await cluster.createPod('burstable', { containers: [{ name: 'app', image, resources: { requests } }] });
  await clock.advance(5000);
  const { status } = (await cluster.pod('modest'))!;
  const why = 'The node had condition: [MemoryPressure]. ';
  assert.deepEqual([status!.phase, status!.reason, status!.message], ['Failed', 'Evicted', `Pod was rejected: ${why}`]);
  assert.ok((await cluster.events('modest')).includes(`Warning Evicted ${why}`));
  assert.equal((await cluster.pod('burstable'))!.status!.phase, 'Running');
  available = 2 ** 30;
  await clock.advance(320_000);
  assert.equal(await nodePressure(), 'KubeletHasSufficientMemory');
});
