import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ttlStep } from './node-ttl.ts';

const rows: readonly (readonly [nodes: number, before: number, step: number])[] = [
  [0, 0, 0],
  [100, 0, 0],
  [101, 0, 1],
  [90, 1, 1],
  [89, 1, 0],
  [501, 1, 2],
  [450, 2, 2],
  [5000, 0, 4],
  [1800, 4, 4],
  [1799, 4, 3],
  [3, 4, 0],
];

for (const [nodes, before, step] of rows)
  test(`${nodes} nodes are at step ${step} after step ${before}`, () => assert.equal(ttlStep(nodes, before), step));
