import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './virtual-clock.ts';

const day = 86_400_000;

test('timers fire in the order of their time, then of their making', async () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  clock.setTimer(20, () => fired.push('late'));
  clock.setTimer(10, () => fired.push('first'));
  clock.setTimer(10, () => fired.push('second'));
  await clock.advance(15);
  assert.deepEqual(fired, ['first', 'second']);
  await clock.advance(5);
  assert.deepEqual(fired, ['first', 'second', 'late']);
});

test('time stands at a timer while it fires, and at the end afterwards', async () => {
  const clock = new VirtualClock(1000);
  const seen: number[] = [];
  clock.setTimer(10, () => seen.push(clock.now(), clock.monotonic()));
  await clock.advance(100);
  assert.deepEqual(seen, [1010, 10]);
  assert.equal(clock.now(), 1100);
});

test('all promise work is done between two timers, and may set timers that fire in the same stretch', async () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  async function chain(name: string): Promise<void> {
    await clock.sleep(10);
    for (let i = 0; i < 50; i++) await Promise.resolve();
    log.push(name);
    await clock.sleep(10);
    log.push(`${name} again`);
  }
  void chain('a');
  void chain('b');
  await clock.advance(20);
  assert.deepEqual(log, ['a', 'b', 'a again', 'b again']);
});

test('settle runs what is ready, with timers without delay, and moves no time', async () => {
  const clock = new VirtualClock(0);
  let steps = 0;
  void (async () => {
    for (; steps < 5; steps++) await clock.sleep(0);
  })();
  clock.setTimer(1, () => (steps = 100));
  await clock.settle();
  assert.equal(steps, 5);
  assert.equal(clock.now(), 0);
});

test('advanceUntil stops at the instant when the predicate first holds', async () => {
  const clock = new VirtualClock(0);
  let count = 0;
  const tick = (): void => {
    count++;
    clock.setTimer(1000, tick);
  };
  clock.setTimer(1000, tick);
  assert.equal(await clock.advanceUntil(() => count === 3, 60_000), true);
  assert.equal(clock.now(), 3000);
  assert.equal(await clock.advanceUntil(() => count === 1000, 2500), false);
  assert.equal(clock.now(), 5500);
});

test('a year without timers passes at once', async () => {
  const clock = new VirtualClock();
  const start = clock.now();
  await clock.advance(365 * day);
  assert.equal(clock.now() - start, 365 * day);
});

test('a cancelled timer never fires and is no longer pending', async () => {
  const clock = new VirtualClock();
  const timer = clock.setTimer(5, () => assert.fail('fired'));
  assert.equal(clock.pendingTimers, 1);
  timer.cancel();
  assert.equal(clock.pendingTimers, 0);
  await clock.advance(10);
});

test('a sleep ends early with the reason of its signal, and leaves no timer', async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const slept = clock.sleep(1000, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(slept, /enough/);
  await assert.rejects(clock.sleep(1000, stop.signal), /enough/);
  assert.equal(clock.pendingTimers, 0);
});

test('two cannot move the clock at once', async () => {
  const clock = new VirtualClock();
  const first = clock.advance(10);
  await assert.rejects(clock.advance(10), /moving already/);
  await first;
});
