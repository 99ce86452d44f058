import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { WorkQueue } from './work-queue.ts';

test('keys come in the order they were added, each once', async () => {
  const queue = new WorkQueue(new VirtualClock());
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
  assert.equal(queue.length, 3);
  assert.deepEqual([await queue.take(), await queue.take(), await queue.take()], ['a', 'b', 'c']);
});

test('a key added while it is worked on comes back when that is done, once', async () => {
  const queue = new WorkQueue(new VirtualClock());
  queue.add('a');
  const key = (await queue.take())!;
  queue.add('a');
  queue.add('a');
  assert.equal(queue.length, 0);
  queue.done(key);
  assert.equal(queue.length, 1);
});

test('who waits gets the next key, in the order of waiting', async () => {
  const queue = new WorkQueue(new VirtualClock());
  const first = queue.take();
  const second = queue.take();
  queue.add('a');
  queue.add('a');
  queue.add('b');
  assert.deepEqual(await Promise.all([first, second]), ['a', 'b']);
});

test('of two delays for a key the shorter counts', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  queue.addAfter('a', 500);
  queue.addAfter('a', 100);
  queue.addAfter('a', 300);
  await clock.advance(99);
  assert.equal(queue.length, 0);
  await clock.advance(1);
  assert.equal(queue.length, 1);
  assert.equal(clock.pendingTimers, 0);
});

test('each failure doubles the delay up to the limit, success starts anew', () => {
  const queue = new WorkQueue(new VirtualClock());
  const delays = Array.from({ length: 20 }, () => queue.addFailed('a'));
  assert.deepEqual(delays.slice(0, 4), [5, 10, 20, 40]);
  assert.equal(delays.at(-1), 1_000_000);
  queue.forget('a');
  assert.equal(queue.addFailed('a'), 5);
});

test('closing lets those who wait go and leaves no timer', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  const waiting = queue.take();
  queue.addAfter('a', 1000);
  queue.close();
  queue.add('b');
  assert.equal(await waiting, undefined);
  assert.equal(await queue.take(), undefined);
  assert.equal(clock.pendingTimers, 0);
});
