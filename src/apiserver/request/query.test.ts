import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseQuery } from './query.ts';

const rows: [text: string, want: [string, string][]][] = [
  ['', []],
  [
    'a=b&c=d',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['a', [['a', '']]],
  ['a=b=c', [['a', 'b=c']]],
  ['a+b=%20c', [['a b', ' c']]],
  ['&&a=1&', [['a', '1']]],
  ['a=1;b=2&c=3', [['c', '3']]],
  ['a=%&b=%zz&c=3', [['c', '3']]],
  ['__proto__=x', [['__proto__', 'x']]],
];
for (const [text, want] of rows) test(`"${text}"`, () => assert.deepEqual(parseQuery(text).pairs, want));

test('names of objects are names of parameters', () => {
  const query = parseQuery('__proto__=x&constructor=y');
  assert.deepEqual(Object.entries(query.first).toSorted(), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
  assert.equal(parseQuery('').first['constructor'], undefined);
});

test('what URLSearchParams writes is read as it reads it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))), (pairs) => {
      const text = new URLSearchParams(pairs).toString();
      assert.deepEqual(parseQuery(text).pairs, [...new URLSearchParams(text)]);
    }),
  );
});
