import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './system-clock.ts';

/** Timers of the clock keep no process alive, so a test that waits for one must. */
async function alive<T>(work: Promise<T>): Promise<T> {
  const keep = setInterval(() => {}, 1000);
  try {
    return await work;
  } finally {
    clearInterval(keep);
  }
}

test('a sleep ends by itself, or early with the reason of its signal', async () => {
  await alive(systemClock.sleep(1));
  await alive(systemClock.sleep(0));
  const stop = new AbortController();
  const slept = systemClock.sleep(60_000, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(slept, /enough/);
});

test('a delay longer than the platform can count does not fire at once', async () => {
  const timer = systemClock.setTimer(2 ** 40, () => assert.fail('fired'));
  await alive(systemClock.sleep(5));
  timer.cancel();
});

test('a cancelled timer does not fire', async () => {
  using timer = systemClock.setTimer(1, () => assert.fail('fired'));
  systemClock.setTimer(0, () => assert.fail('fired')).cancel();
  timer.cancel();
  await alive(systemClock.sleep(5));
});

test('it counts what this thread has worked, and not what it has waited', async () => {
  const [busy, passed] = [systemClock.busy!(), systemClock.monotonic()];
  await alive(systemClock.sleep(50));
  assert.ok(systemClock.busy!() - busy < systemClock.monotonic() - passed);
  while (systemClock.busy!() === busy);
});
