import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, type Pod, type PodCondition } from '../../api/core/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { SmallCluster } from '../../reconciler/testing/small-cluster.ts';
import { staleDisruptionController } from './stale-disruption.ts';

test('a pod that was to be disrupted and is still there after two minutes is no longer', async () => {
  await using cluster = new SmallCluster();
  const { client, server, clock } = cluster;
  const pod = (name: string, reason: string, phase: 'Running' | 'Failed' = 'Running'): Pod => ({
    metadata: { name, namespace: 'default' },
    spec: { containers: [] },
    status: {
      phase,
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'DisruptionTarget', status: 'True', reason, lastTransitionTime: rfc3339(clock.now()) },
      ],
    },
  });
  await client.create(Pods, pod('evicted', 'EvictionByEvictionAPI'));
  await client.create(Pods, pod('ended', 'EvictionByEvictionAPI', 'Failed'));
  await client.create(Pods, pod('of-the-kubelet', 'TerminationByKubelet'));
  cluster.start(staleDisruptionController);
  const disruptions = (): Record<string, PodCondition['status'] | undefined> =>
    Object.fromEntries(
      server
        .all(Pods)
        .map(({ metadata, status }) => [
          metadata.name,
          status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.status,
        ]),
    );
  const all = { evicted: 'True', ended: 'True', 'of-the-kubelet': 'True' };
  await clock.advance(119_000);
  assert.deepEqual(disruptions(), all);
  await clock.advance(2000);
  assert.deepEqual(disruptions(), { ...all, evicted: 'False' });
  const evicted = server.all(Pods).find(({ metadata }) => metadata.name === 'evicted')!;
  assert.equal(evicted.status!.conditions![1]!.observedGeneration, 1);
});
