import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { goDuration, humanDuration, parseGoDuration, shortHumanDuration } from './duration.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

for (const [milliseconds, text, short] of [
  [-3 * second, '<invalid>', '<invalid>'],
  [-1 * second, '0s', '0s'],
  [0, '0s', '0s'],
  [119 * second, '119s', '1m'],
  [2 * minute, '2m', '2m'],
  [5 * minute + 30 * second, '5m30s', '5m'],
  [10 * minute + 30 * second, '10m', '10m'],
  [179 * minute, '179m', '2h'],
  [3 * hour, '3h', '3h'],
  [7 * hour + 59 * minute, '7h59m', '7h'],
  [8 * hour + 59 * minute, '8h', '8h'],
  [47 * hour, '47h', '1d'],
  [3 * day + 4 * hour, '3d4h', '3d'],
  [8 * day + 4 * hour, '8d', '8d'],
  [729 * day, '729d', '1y'],
  [730 * day, '2y', '2y'],
  [740 * day, '2y10d', '2y'],
  [3000 * day, '8y', '8y'],
] as const)
  test(`${milliseconds} ms is shown as ${text}`, () => {
    assert.equal(humanDuration(milliseconds), text);
    assert.equal(shortHumanDuration(milliseconds), short);
  });

for (const [text, milliseconds] of [
  ['0', 0],
  ['5s', 5000],
  ['1h30m', 90 * minute],
  ['1.5s', 1500],
  ['-2m', -2 * minute],
  ['100ms', 100],
  ['1us', 0.001],
  ['', undefined],
  ['5', undefined],
  ['x', undefined],
  ['s', undefined],
  ['.s', undefined],
] as const)
  test(`the Go duration ${JSON.stringify(text)} is ${milliseconds} ms`, () =>
    assert.equal(parseGoDuration(text), milliseconds));

test('Go durations are written as Go does', () => {
  assert.deepEqual([0, 100, 1500, 90 * second, hour, -minute, 0.25].map(goDuration), [
    '0s',
    '100ms',
    '1.5s',
    '1m30s',
    '1h0m0s',
    '-1m0s',
    '250µs',
  ]);
  fc.assert(
    fc.property(fc.integer({ min: -1e10, max: 1e10 }), (milliseconds) =>
      assert.equal(parseGoDuration(goDuration(milliseconds)), milliseconds),
    ),
  );
});

// Read by a pattern that tries all ways, this takes minutes.
test('a hundred thousand digits are no duration', { timeout: 30_000 }, () => {
  for (const text of ['1'.repeat(100_000), `1${'.1'.repeat(50_000)}`, `${'1m'.repeat(50_000)}1`])
    assert.equal(parseGoDuration(text), undefined);
});
