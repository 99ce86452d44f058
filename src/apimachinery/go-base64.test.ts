import assert from 'node:assert/strict';
import { test } from 'node:test';
import { illegalBase64 } from './go-base64.ts';

/** As Go's `StdEncoding` and `RawURLEncoding` answer. */
const rows: readonly (readonly [text: string, padded: number | undefined, url: number | undefined])[] = [
  ['', undefined, undefined],
  ['eA==', undefined, 2],
  ['eHk', 0, undefined],
  ['eHk=', undefined, 3],
  ['e', 0, 0],
  ['eA', 0, undefined],
  ['eA=', 3, 2],
  ['eA=x', 2, 2],
  ['eA==x', 4, 2],
  ['eA==\n', undefined, 2],
  ['eHk=eHk=', 4, 3],
  ['=', 0, 0],
  ['e=', 1, 1],
  ['eHkz=', 4, 4],
  ['!', 0, 0],
  ['ab!d', 2, 2],
  ['eHkzA', 4, 4],
  ['eHkz\r\neA', 6, undefined],
  ['e\nA', 1, undefined],
  ['eA=\n=', undefined, 2],
  ['e30ab', 4, 4],
  ['e30=', undefined, 3],
  ['e30-_', 3, 4],
  ['e-', 1, undefined],
  ['ab\ncd\nef\ng', 7, undefined],
];

for (const [text, padded, url] of rows)
  test(`${JSON.stringify(text)} is base64 for Go up to where it says`, () => {
    assert.deepEqual([illegalBase64(text, 'padded'), illegalBase64(text, 'url')], [padded, url]);
  });
