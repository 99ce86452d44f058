import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryOfQuantity, parseCpus, parseMemory, resourceProblems } from './node-resources.ts';

const [mi, gi] = [2 ** 20, 2 ** 30];

const sizes: readonly (readonly [text: string, bytes: number | undefined])[] = [
  ['8192', 8 * gi],
  ['2g', 2 * gi],
  ['2G', 2 * gi],
  ['2gb', 2 * gi],
  ['2Gi', 2 * gi],
  ['1.5GiB', 1.5 * gi],
  ['900m', 900 * mi],
  ['4096k', 4 * mi],
  ['5b', 5],
  ['', undefined],
  ['g', undefined],
  ['-1g', undefined],
  ['2 g', undefined],
  ['2x', undefined],
];
for (const [text, bytes] of sizes)
  test(`--memory "${text}" is ${bytes ?? 'refused'}`, () => assert.equal(parseMemory(text), bytes));

test('CPUs and the memory of a configuration are quantities', () => {
  assert.deepEqual(['2', '0.5', '1500m', 'x', ''].map(parseCpus), [2, 0.5, 1.5, undefined, undefined]);
  assert.deepEqual(['2Gi', '1500M', 'x'].map(memoryOfQuantity), [2 * gi, 1_500_000_000, undefined]);
});

test('a node has no more than its machine, and enough for its own programs', () => {
  const machine = { cpus: 4, memoryBytes: 8 * gi };
  assert.deepEqual(resourceProblems({}, machine), []);
  assert.deepEqual(resourceProblems({ cpus: 4, memoryBytes: 8 * gi }, machine), []);
  assert.deepEqual(resourceProblems({ cpus: 5, memoryBytes: 8 * gi + 1 * mi }, machine), [
    { field: 'cpu', rule: 'must be from 0.1 to the 4 of this machine, and is 5' },
    { field: 'memory', rule: 'must be from 512Mi to the 8192Mi of this machine, and is 8193Mi' },
  ]);
  assert.deepEqual(
    resourceProblems({ cpus: 0, memoryBytes: 100 * mi }, machine).map(({ field }) => field),
    ['cpu', 'memory'],
  );
});
