import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IndexSet } from './index-set.ts';

for (const [text, completions, want] of [
  ['', 5, ''],
  ['0,1,2', 5, '0-2'],
  ['4,0-1,2', 5, '0-2,4'],
  ['1,2', 5, '1,2'],
  ['1-9,20', 6, '1-5'],
  ['7', 5, ''],
  ['a,1-b,3', 5, '3'],
] as const)
  test(`"${text}" of ${completions} is "${want}"`, () => {
    assert.equal(String(IndexSet.parse(text, completions)), want);
  });

test('a set says how large it is, what it holds, what it shares with another and what it lacks', () => {
  const set = IndexSet.parse('0,2-4,9', 100);
  assert.equal(set.size, 5);
  assert.deepEqual(
    [0, 1, 3, 4, 5, 9].map((index) => set.has(index)),
    [true, false, true, true, false, true],
  );
  assert.equal(set.overlap(IndexSet.of([4, 5, 9])), 2);
  assert.equal(String(set.union(IndexSet.of([8, 1]))), '0-4,8,9');
  assert.deepEqual(set.missing(4, 100), [1, 5, 6, 7]);
  assert.deepEqual(set.missing(4, 6), [1, 5]);
  assert.deepEqual(IndexSet.empty.missing(2, 1), [0]);
});
