import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failures } from './failures.ts';

test('each replacement on a node waits twice as long as the one before, a quarter of an hour at most', () => {
  const failures = new Failures();
  let now = 0;
  const waits: number[] = [];
  for (let i = 0; i < 13; i++) {
    const wait = failures.untilReplaced('node', now);
    waits.push(wait / 1000);
    now += wait;
    if (wait > 0) assert.equal(failures.untilReplaced('node', now), 0);
  }
  assert.deepEqual(waits, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  assert.equal(failures.untilReplaced('another', now), 0);
});

test('half an hour without a failure is forgotten', () => {
  const failures = new Failures();
  failures.untilReplaced('node', 0);
  failures.untilReplaced('node', 1000);
  assert.equal(failures.untilReplaced('node', 1500), 1500);
  assert.equal(failures.untilReplaced('node', 1000 + 30 * 60_000 + 1), 0);
});
