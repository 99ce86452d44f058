import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostPatternSize, patternSize } from './pattern-size.ts';

const rows: readonly (readonly [string, number])[] = [
  ['', 0],
  ['abc', 3],
  ['a{3}', 3],
  ['a{2,5}b', 6],
  ['a{7,}', 7],
  ['a{x}', 4],
  ['\\{3}', 3],
  ['[](]{10}', 10],
  ['[^]\\](){5}]{10}', 10],
  ['[[:alpha:](]{4}', 4],
  ['(ab){10}', 40],
  ['((a{10}){10}){10}', 1 * 10 * 10 * 10 + 2 * 10 * 10 + 2 * 10],
];
for (const [pattern, want] of rows)
  test(`${pattern} has the size ${want}`, () => assert.equal(patternSize(pattern), want));

test('what is usual is far from too large', () => {
  const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
  assert.ok(patternSize(`^${label}(\\.${label}){0,100}$`) < mostPatternSize);
  assert.ok(patternSize('a{1000}'.repeat(101)) > mostPatternSize);
});
