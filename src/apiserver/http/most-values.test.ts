import assert from 'node:assert/strict';
import test from 'node:test';
import { mostValues, refuseManyValues } from './most-values.ts';

const isRefused = (json: string): boolean => {
  try {
    refuseManyValues(Buffer.from(json));
    return false;
  } catch {
    return true;
  }
};
const list = (item: string, count: number) => `[${Array<string>(count).fill(item).join(',')}]`;

for (const [what, json, want] of [
  ['items as many as may be', list('100', mostValues), false],
  ['one more', list('100', mostValues + 1), true],
  ['members in objects', list('{"a":1}', mostValues / 2 + 1), true],
  ['empty objects', list('{}', mostValues / 2 + 1), true],
  ['a text full of commas', `"${',['.repeat(mostValues)}"`, false],
  ['a text with quotes in it', `["${'\\",\\\\'.repeat(mostValues)}"]`, false],
  ['a text that ends in a backslash, and items behind it', `["\\\\",${'1,'.repeat(mostValues)}1]`, true],
  ['what is no JSON', '{'.repeat(3 * mostValues), true],
] as const)
  test(`${what}: ${want ? 'refused' : 'read'}`, () => assert.equal(isRefused(json), want));
