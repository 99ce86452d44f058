import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, type Pod, type PodCondition } from '../../api/core/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { createInformerFactory } from '../../client/informer-factory.ts';
import { createClient } from '../../client/typed-client.ts';
import { startControllers } from '../../reconciler/run-controller.ts';
import { SmallServer } from '../../reconciler/testing/small-server.ts';
import { staleDisruptionController } from './stale-disruption.ts';

test('a pod that was to be disrupted and is still there after two minutes is no longer', async () => {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const server = new SmallServer(clock, random);
  const client = createClient(server);
  const stop = new AbortController();
  const options = { clock, random, log: silentLogger, signal: stop.signal };
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
  const { stopped } = startControllers([staleDisruptionController], {
    client,
    informers: createInformerFactory(client, options),
    ...options,
  });
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
  stop.abort();
  await clock.settle();
  await stopped;
});
