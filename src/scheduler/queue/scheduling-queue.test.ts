import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { ClusterChange } from '../framework/plugin.ts';
import { infoOf, makePod, type PodParts } from '../testing/objects.ts';
import { SchedulingQueue } from './scheduling-queue.ts';
import { podInfo } from '../framework/pod-info.ts';

const fit = new Set(['Fit']);
const removed: ClusterChange = { type: 'pod-removed', pod: infoOf({}), from: undefined };
const relabelled: ClusterChange = { type: 'namespace-relabelled' };

function setUp() {
  const clock = new VirtualClock(0);
  const queue = new SchedulingQueue({
    clock,
    mayHelp: ({ rejectedBy }, { type }) => rejectedBy.size === 0 || type === 'pod-removed',
  });
  /** The names of all that are ready now, in order. */
  const drain = async (): Promise<string[]> => {
    const names: string[] = [];
    while (queue.lengths.ready + queue.lengths.backoff > 0) {
      const { length } = names;
      await Promise.race([
        queue.take().then((queued) => queued && names.push(queued.pod.pod.metadata.name)),
        clock.settle(),
      ]);
      if (names.length === length) break;
    }
    return names;
  };
  const add = (name: string, parts: PodParts = {}): void => queue.add(infoOf({ name, ...parts }));
  const reject = async (name: string): Promise<void> => {
    add(name);
    const queued = (await queue.take())!;
    queue.rejected(queued, fit);
  };
  return { clock, queue, drain, add, reject };
}

test('pods come out by priority, then in the order they came', async () => {
  const { clock, add, drain } = setUp();
  add('first');
  add('second');
  await clock.advance(10);
  add('important', { spec: { priority: 10 } });
  add('third');
  assert.deepEqual(await drain(), ['important', 'first', 'second', 'third']);
});

test('who asks while nobody is ready gets the next that comes', async () => {
  const { queue, add } = setUp();
  const next = queue.take();
  add('late');
  assert.equal((await next)?.pod.key, 'default/late');
});

test('a rejected pod waits for a change that may help', async () => {
  const { queue, reject, drain } = setUp();
  await reject('a');
  queue.changed(relabelled);
  assert.deepEqual([queue.lengths.waiting, await drain()], [1, []]);
  queue.changed(removed);
  assert.deepEqual(await drain(), ['a']);
});

test('a rejected pod that may fit now comes out early only while nobody else is ready', async () => {
  const { queue, reject, add, drain } = setUp();
  await reject('a');
  add('b');
  queue.changed(removed);
  assert.deepEqual(queue.lengths, { ready: 1, backoff: 1, waiting: 0, gated: 0 });
  assert.deepEqual(await drain(), ['b', 'a']);
});

test('a failed pod sits out a backoff that doubles up to ten seconds', async () => {
  const { clock, queue, add } = setUp();
  add('a');
  const delays: number[] = [];
  for (let i = 0; i < 6; i++) {
    const queued = (await queue.take())!;
    queue.failed(queued);
    const start = clock.now();
    assert.ok(await clock.advanceUntil(() => queue.lengths.ready === 1, 60_000));
    delays.push(clock.now() - start);
  }
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test('a pod that nothing woke is tried again after five minutes', async () => {
  const { clock, queue, reject, drain } = setUp();
  await reject('a');
  await clock.advance(299_999);
  assert.equal(queue.lengths.waiting, 1);
  await clock.advance(1);
  assert.deepEqual(await drain(), ['a']);
});

test('a gated pod comes in when its last gate opens', async () => {
  const { queue, add, drain } = setUp();
  add('a', { spec: { schedulingGates: [{ name: 'x' }] } });
  assert.deepEqual([queue.lengths.gated, await drain()], [1, []]);
  queue.update(infoOf({ name: 'a' }), { type: 'self-changed' });
  assert.deepEqual(await drain(), ['a']);
});

test('a pod without its claims of devices comes in when they are there', async () => {
  let isGated = true;
  const queue = new SchedulingQueue({ clock: new VirtualClock(0), mayHelp: () => false, isGated: () => isGated });
  queue.add(infoOf({ name: 'a' }));
  queue.changed({ type: 'devices-changed', frees: true });
  assert.deepEqual(queue.lengths, { ready: 0, backoff: 0, waiting: 0, gated: 1 });
  isGated = false;
  queue.changed(removed);
  assert.equal(queue.lengths.gated, 1);
  queue.changed({ type: 'devices-changed', frees: false });
  assert.equal((await queue.take())!.pod.pod.metadata.name, 'a');
});

test('a waiting pod that was changed is tried again if that may help, and else only replaced', async () => {
  const { queue, reject, drain } = setUp();
  await reject('a');
  queue.update(infoOf({ name: 'a', labels: { new: 'yes' } }), relabelled);
  assert.deepEqual([queue.lengths.waiting, queue.get('default/a')?.pod.labels], [1, { new: 'yes' }]);
  queue.update(infoOf({ name: 'a' }), removed);
  assert.deepEqual(await drain(), ['a']);
});

test('a pod that is ready and was changed keeps its place by age, and takes the one of its priority', async () => {
  const { clock, queue, add, drain } = setUp();
  for (const name of ['a', 'b', 'c']) {
    add(name);
    await clock.advance(10);
  }
  queue.update(infoOf({ name: 'a', labels: { new: 'yes' } }), undefined);
  queue.update(infoOf({ name: 'c', spec: { priority: 1 } }), undefined);
  assert.deepEqual(await drain(), ['c', 'a', 'b']);
});

test('a pod that goes is not tried, wherever it stood; one of the same name that comes is a new one', async () => {
  const { queue, add, reject, drain } = setUp();
  await reject('waiting');
  add('ready');
  queue.delete('default/ready');
  queue.delete('default/waiting');
  queue.changed(removed);
  assert.deepEqual(await drain(), []);

  add('a');
  const queued = (await queue.take())!;
  const again = makePod({ name: 'a' });
  queue.update(podInfo({ ...again, metadata: { ...again.metadata, uid: 'other' } }), undefined);
  queue.rejected(queued, fit);
  assert.deepEqual(await drain(), ['a']);
  assert.equal(queue.get('default/a')?.attempts, 1);
});

test('a closed queue ends the wait and leaves no timer', async () => {
  const { clock, queue, reject } = setUp();
  await reject('a');
  const next = queue.take();
  queue.close();
  assert.equal(await next, undefined);
  assert.equal(await queue.take(), undefined);
  assert.equal(clock.pendingTimers, 0);
});
