import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods } from '../../../src/api/core/v1/types.ts';
import { oneNode } from './one-node.ts';
import { behaves, image, remove } from './story.ts';

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
