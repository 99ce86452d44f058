import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff, backoffDelay } from './backoff.ts';
import { SeededRandom } from './seeded-random.ts';

const policy = { initialMs: 100, maximumMs: 1000 };

test('delays double from the first to the longest', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 500, 5000].map((failures) => backoffDelay(policy, failures)),
    [0, 100, 200, 400, 800, 1000, 1000, 1000],
  );
});

test('jitter adds at most its share', () => {
  const random = new SeededRandom(1);
  const delays = Array.from({ length: 200 }, () => backoffDelay({ ...policy, jitter: 0.5 }, 1, random));
  assert.ok(delays.every((delay) => delay >= 100 && delay < 150));
  assert.ok(new Set(delays).size > 100);
});

test('a success starts again at the first delay', () => {
  const backoff = new Backoff({ ...policy, factor: 3 });
  assert.deepEqual([backoff.next(), backoff.next(), backoff.failures], [100, 300, 2]);
  backoff.reset();
  assert.deepEqual([backoff.next(), backoff.failures], [100, 1]);
});
