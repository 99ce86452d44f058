import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountText, defaultEvictionHard, metThresholds, type Observations } from './thresholds.ts';

const mebibyte = 2 ** 20;
const disk = (available: number) => ({ available, capacity: 1000 * mebibyte });
const rows: { name: string; observed: Observations; want: string[] }[] = [
  { name: 'nothing known', observed: {}, want: [] },
  {
    name: 'just enough',
    observed: {
      'memory.available': { available: 100 * mebibyte, capacity: 2 ** 30 },
      'nodefs.available': disk(100 * mebibyte),
      'imagefs.available': disk(150 * mebibyte),
      'nodefs.inodesFree': { available: 50, capacity: 1000 },
    },
    want: [],
  },
  {
    name: 'a file system that does not count its inodes',
    observed: { 'nodefs.inodesFree': { available: 0, capacity: 0 } },
    want: [],
  },
  {
    name: 'all too little: memory comes first',
    observed: {
      'nodefs.inodesFree': { available: 49, capacity: 1000 },
      'imagefs.available': disk(150 * mebibyte - 1),
      'memory.available': { available: 99 * mebibyte, capacity: 2 ** 30 },
    },
    want: [
      'memory.available memory MemoryPressure 100Mi 99Mi',
      'nodefs.inodesFree inodes DiskPressure 50 49',
      'imagefs.available ephemeral-storage DiskPressure 150Mi 157286399',
    ],
  },
];
for (const { name, observed, want } of rows)
  test(`what is left on a node: ${name}`, () => {
    const met = metThresholds(defaultEvictionHard, observed).map(
      ({ signal, resource, condition, threshold, available }) =>
        [signal, resource, condition, amountText(resource, threshold), amountText(resource, available)].join(' '),
    );
    assert.deepEqual(met, want);
  });

test('amounts are written as Kubernetes writes them', () => {
  assert.deepEqual(
    [amountText('memory', 51_568_640), amountText('memory', 0), amountText('inodes', 65_000), amountText('pids', 7)],
    ['50360Ki', '0', '65k', '7'],
  );
});
