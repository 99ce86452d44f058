import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffLeft, noFailures, recordAfter } from './failure-backoff.ts';
import { finishTime } from './finish-time.ts';
import { makePod, now } from './testing.ts';

const failed = (name: string, ended: number) => makePod(name, { phase: 'Failed', ended });
const succeeded = (ended: number) => makePod('s', { phase: 'Succeeded', ended });

for (const [name, before, successes, failures, want] of [
  ['nothing', 2, [], [], [2, 5]],
  ['another failure', 2, [], [failed('a', 9)], [3, 9]],
  ['two failures', 0, [], [failed('a', 9), failed('b', 7)], [2, 9]],
  ['a success', 2, [succeeded(9)], [], [0, 0]],
  ['a failure before a success', 2, [succeeded(9)], [failed('a', 8)], [0, 0]],
  ['a failure before and one after a success', 2, [succeeded(9)], [failed('a', 8), failed('b', 10)], [1, 10]],
] as const)
  test(`after ${name} there are ${want[0]} failures in a row`, () => {
    const record = before === 0 ? noFailures : { failures: before, lastFailure: now + 5000 };
    const { failures: count, lastFailure } = recordAfter(record, successes, failures);
    assert.deepEqual([count, count === 0 ? 0 : (lastFailure - now) / 1000], want);
  });

for (const [failures, after, want] of [
  [0, 0, 0],
  [1, 0, 10],
  [1, 4, 6],
  [1, 11, 0],
  [2, 0, 20],
  [3, 0, 40],
  [7, 0, 600],
  [90, 0, 600],
] as const)
  test(`${after} s after failure ${failures} the next pod waits ${want} s`, () => {
    assert.equal(backoffLeft({ failures, lastFailure: now }, now + after * 1000), want * 1000);
  });

test('a pod ended with its last container, else when it was not ready any more, or was deleted, or made', () => {
  const base = makePod('a');
  const with_ = (metadata: object, status: object) =>
    finishTime({ ...base, metadata: { ...base.metadata, ...metadata }, status } as never) - now;
  const ready = { type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:00:07Z' };
  const running = { name: 'work', state: { running: {} } };
  assert.equal(finishTime(failed('a', 9)) - now, 9000);
  assert.equal(with_({}, { containerStatuses: [running], conditions: [ready] }), 7000);
  assert.equal(with_({ deletionTimestamp: '2026-01-01T00:00:35Z', deletionGracePeriodSeconds: 30 }, {}), 5000);
  assert.equal(with_({}, {}), 0);
});
