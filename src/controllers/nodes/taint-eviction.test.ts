import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nodes, Pods, type PodCondition } from '../../api/core/v1/types.ts';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { createInformerFactory } from '../../client/informer-factory.ts';
import { createClient } from '../../client/typed-client.ts';
import { startControllers } from '../../reconciler/run-controller.ts';
import { SmallServer } from '../../reconciler/testing/small-server.ts';
import { taintEvictionController } from './taint-eviction.ts';

test('a pod that does not tolerate a taint says why it goes, and of which generation, and is deleted', async () => {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const server = new SmallServer(clock, random);
  const client = createClient(server);
  const stop = new AbortController();
  const options = { clock, random, log: silentLogger, signal: stop.signal };
  await client.create(Nodes, { metadata: { name: 'n' }, spec: { taints: [{ key: 'k', effect: 'NoExecute' }] } });
  const metadata = { name: 'a', namespace: 'default', finalizers: ['example.com/look'] };
  await client.create(Pods, { metadata, spec: { containers: [], nodeName: 'n' } });
  const informers = createInformerFactory(client, options);
  const { stopped } = startControllers([taintEvictionController()], { client, informers, ...options });
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
  stop.abort();
  await clock.settle();
  await stopped;
});
