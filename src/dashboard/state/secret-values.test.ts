import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretValues } from './secret-values.ts';

test('values of a Secret are shown as texts, and what is no text as its length', () => {
  const base64 = (bytes: string | number[]): string => Buffer.from(bytes as string).toString('base64');
  const data = { word: base64('schön\n'), key: base64([0xff, 0xfe, 0]), control: base64('a\u0007'), empty: '' };
  assert.deepEqual(secretValues(data), [
    { name: 'control', length: 2 },
    { name: 'empty', length: 0, text: '' },
    { name: 'key', length: 3 },
    { name: 'word', length: 7, text: 'schön\n' },
  ]);
  assert.deepEqual(secretValues(undefined), []);
});
