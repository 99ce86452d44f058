import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cidr, type Cidr } from './cidr.ts';
import { holdRanges } from './held-ranges.ts';

// Tests run beside real clusters, which hold ranges of their own: what is shown is that two never get the same.

test('two who choose before either has made its network get different ranges', async () => {
  const taken = async (): Promise<Cidr[]> => [];
  await using first = await holdRanges(taken);
  await using second = await holdRanges(taken);
  assert.notEqual(first.ranges.nodes, second.ranges.nodes);
});

test('a range whose network was made between the look and the lock is not given again', async () => {
  const routed: Cidr[] = [];
  const first = await holdRanges(async () => routed);
  let looks = 0;
  await using second = await holdRanges(async () => {
    const before = [...routed];
    if (++looks === 1) {
      routed.push(cidr(first.ranges.nodes));
      await first[Symbol.asyncDispose]();
    }
    return before;
  });
  assert.notEqual(second.ranges.nodes, first.ranges.nodes);
});

test('a range is free again when it is no longer held', async () => {
  const taken = async (): Promise<Cidr[]> => ['172.29.0.0/16', '10.213.0.0/16'].map(cidr); // where real ones would be
  const first = await holdRanges(taken);
  await first[Symbol.asyncDispose]();
  await using again = await holdRanges(taken);
  assert.equal(again.ranges.nodes, first.ranges.nodes);
});
