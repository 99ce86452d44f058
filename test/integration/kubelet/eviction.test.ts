import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneNode } from './one-node.ts';

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
