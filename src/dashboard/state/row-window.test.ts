import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowWindow } from './row-window.ts';

const rowHeight = 40;
const height = 800;
const windows: [what: string, count: number, above: number, want: [first: number, last: number]][] = [
  ['no rows', 0, 0, [0, 0]],
  ['few rows: all of them', 100, 2000, [0, 100]],
  ['the beginning', 5000, -300, [0, 40]],
  ['the middle', 5000, 100_000, [2480, 2550]],
  ['the middle, a row further: the same', 5000, 100_040, [2480, 2550]],
  ['the end', 5000, 5000 * rowHeight - height, [4900, 5000]],
  ['beyond the end', 5000, 1e9, [4900, 5000]],
  ['far before the beginning', 5000, -1e6, [0, 1]],
];

for (const [what, count, above, [first, last]] of windows)
  test(`of a long table is drawn what is seen and some more: ${what}`, () =>
    assert.deepEqual(rowWindow(count, rowHeight, above, height), { first, last }));

test('what is seen is always drawn', () => {
  for (let above = 0; above < 5000 * rowHeight - height; above += 777) {
    const { first, last } = rowWindow(5000, rowHeight, above, height);
    assert.ok(first * rowHeight <= above && last * rowHeight >= above + height, `${above}: ${first} to ${last}`);
    assert.ok(last - first <= 110, `${last - first} rows`);
  }
});
