import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { Pace } from './pace.ts';
import { WorkQueue } from './work-queue.ts';

test('a key has thirty turns at once, then one in fifty milliseconds; after a rest it has them again', async () => {
  const clock = new VirtualClock();
  const pace = new Pace(clock);
  for (let turn = 0; turn < 30; turn++) {
    assert.equal(pace.wait('a'), 0);
    pace.took('a');
  }
  assert.equal(pace.wait('a'), 50);
  assert.equal(pace.wait('b'), 0);
  await clock.advance(50);
  assert.equal(pace.wait('a'), 0);
  pace.took('a');
  assert.equal(pace.wait('a'), 50);
  await clock.advance(1500);
  for (let turn = 0; turn < 30; turn++) {
    assert.equal(pace.wait('a'), 0);
    pace.took('a');
  }
});

test('many keys that have rested are not remembered for ever, and those that have not keep their pace', async () => {
  const clock = new VirtualClock();
  const pace = new Pace(clock);
  for (let key = 0; key < 5000; key++) pace.took(String(key));
  for (let turn = 0; turn < 30; turn++) pace.took('busy');
  await clock.advance(60);
  for (let key = 0; key < 1000; key++) pace.took(String(key));
  assert.ok(pace.wait('busy') === 0);
  pace.took('busy');
  assert.equal(pace.wait('busy'), 40);
});

test('a key that is woken a thousand times in a second is worked on fifty times, the last time after the last wake', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock, { pace: new Pace(clock) });
  const turns: number[] = [];
  const worker = (async () => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      turns.push(clock.monotonic());
      queue.done(key);
    }
  })();
  for (let wake = 0; wake < 1000; wake++) {
    queue.add('a');
    await clock.advance(1);
  }
  await clock.advance(100);
  assert.deepEqual(turns.slice(28, 32), [28, 29, 50, 100]);
  assert.ok(turns.length <= 51, String(turns.length));
  assert.ok(turns.at(-1)! >= 999);
  queue.close();
  await worker;
  assert.equal(clock.pendingTimers, 0);
});
