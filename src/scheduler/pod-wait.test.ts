import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersistentVolumeClaims } from '../api/core/v1/types.ts';
import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { createInformerFactory } from '../client/informer-factory.ts';
import { createClient } from '../client/typed-client.ts';
import { SmallServer } from '../reconciler/testing/small-server.ts';
import { causedBy, untilOver } from './pod-wait.ts';

function start(isOver: () => boolean) {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const client = createClient(new SmallServer(clock, random));
  const stop = new AbortController();
  const sources = { clock, signal: stop.signal };
  const informers = createInformerFactory(client, { ...sources, random, log: silentLogger });
  const claims = informers.informer(PersistentVolumeClaims);
  const outcome = untilOver(
    { ...sources, claims },
    { concerns: ({ metadata }) => metadata.name === 'ours', isOver, tooLate: 'too late' },
  ).then(
    () => 'over',
    (error: Error) => error.message,
  );
  const change = async (name: string) => {
    await client.create(PersistentVolumeClaims, { metadata: { name, namespace: 'default' }, spec: {} });
    await clock.settle();
  };
  return { clock, stop, change, outcome };
}

test('it is looked at once at the beginning, and whenever a claim changes that matters', async () => {
  let looks = 0;
  const { stop, change, outcome } = start(() => ++looks === 2);
  await change('another');
  assert.equal(looks, 1);
  await change('ours');
  assert.equal(await outcome, 'over');
  stop.abort();
});

test('what will never be ends the waiting, and so do its time and the end of all', async () => {
  const failed = start(() => {
    throw new Error('it is gone');
  });
  assert.equal(await failed.outcome, 'it is gone');
  failed.stop.abort();
  const late = start(() => false);
  await late.clock.advance(600_000);
  assert.equal(await late.outcome, 'too late');
  late.stop.abort();
  const stopped = start(() => false);
  stopped.stop.abort();
  assert.equal(await stopped.outcome, 'stopped');
});

test('the cause of a write is the pod in its version', () => {
  const pod = { metadata: { name: 'web', namespace: 'shop', resourceVersion: '7' }, spec: { containers: [] } };
  assert.deepEqual(causedBy(pod, 'mine'), { cause: { controller: 'mine', object: 'Pod shop/web', revision: 7 } });
});
