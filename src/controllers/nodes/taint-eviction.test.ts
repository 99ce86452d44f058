import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nodes, Pods, type PodCondition } from '../../api/core/v1/types.ts';
import { SmallCluster } from '../../reconciler/testing/small-cluster.ts';
import { taintEvictionController } from './taint-eviction.ts';

test('a pod that does not tolerate a taint says why it goes, and of which generation, and is deleted', async () => {
  await using cluster = new SmallCluster();
  const { client, server, clock } = cluster;
  await client.create(Nodes, { metadata: { name: 'n' }, spec: { taints: [{ key: 'k', effect: 'NoExecute' }] } });
  const metadata = { name: 'a', namespace: 'default', finalizers: ['example.com/look'] };
  await client.create(Pods, { metadata, spec: { containers: [], nodeName: 'n' } });
  cluster.start(taintEvictionController());
  await clock.advance(1000);
  const [pod] = server.all(Pods);
  const [{ lastTransitionTime: _, ...condition }] = pod!.status!.conditions as [PodCondition];
  assert.deepEqual(condition, {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    observedGeneration: 1,
  });
  assert.ok(pod!.metadata.deletionTimestamp);
});
