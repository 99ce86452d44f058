import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bell } from './bell.ts';
import { VirtualClock } from './virtual-clock.ts';

function heard(settleMs?: number) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const bell = new Bell(clock, stop.signal, settleMs);
  const at: number[] = [];
  const listening = (async () => {
    while (!stop.signal.aborted) {
      await bell.rung(1000);
      at.push(clock.monotonic());
    }
  })();
  return { clock, stop, bell, at, listening };
}

test('who waits is woken by a ring, or at the latest time', async () => {
  const { clock, stop, bell, at, listening } = heard();
  await clock.advance(300);
  bell.ring();
  await clock.advance(1200);
  assert.deepEqual(at, [300, 1300]);
  stop.abort();
  await listening;
  assert.equal(clock.pendingTimers, 0);
});

test('rings of one moment are one, and a ring before anybody waits is not lost', async () => {
  const { clock, stop, bell, at, listening } = heard(200);
  bell.ring();
  bell.ring();
  await clock.advance(100);
  bell.ring();
  await clock.advance(500);
  assert.deepEqual(at, [200]);
  stop.abort();
  await listening;

  const later = new Bell(clock, new AbortController().signal);
  later.ring();
  await later.rung(1e9);
});
