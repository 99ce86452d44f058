import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, exactly, multiply, scale, unbounded, union, unknown, type Range } from './range.ts';

const some: Range = { min: 1, max: 3 };
const rows: readonly (readonly [what: string, got: Range, want: Range])[] = [
  ['a sum', add(some, exactly(2), some), { min: 4, max: 8 }],
  ['a sum of none', add(), exactly(0)],
  ['a sum beyond what can be said', add(unknown, some), { min: 1, max: unbounded }],
  ['a product', multiply(some, exactly(3)), { min: 3, max: 9 }],
  ['a product beyond what can be said', multiply(unknown, some), { min: 0, max: unbounded }],
  ['a part, rounded up', scale(some, 0.1), { min: 1, max: 1 }],
  ['a multiple beyond what can be said', scale(unknown, 2), unknown],
  ['both', union(exactly(2), some), some],
];
for (const [what, got, want] of rows) test(`a range of costs: ${what}`, () => assert.deepEqual(got, want));
