import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  byteLength,
  goCodePoint,
  goJson,
  goNumber,
  goQuote,
  goQuoteList,
  goValue,
  shortened,
  shownJson,
} from './go-text.ts';

for (const [text, quoted] of [
  ['plain', '"plain"'],
  ['', '""'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\n\t\u0007', '"\\n\\t\\a"'],
  ['\u0001\u007f', '"\\x01\\x7f"'],
  ['é', '"é"'],
  ['\u200b', '"\\u200b"'],
  ['😀', '"😀"'],
  ['\u{e0001}', '"\\U000e0001"'],
] as const)
  test(`${JSON.stringify(text)} is quoted as ${quoted}`, () => assert.equal(goQuote(text), quoted));

for (const [value, shown] of [
  [null, '<nil>'],
  [{ b: [1, 'x', true], a: { c: null } }, 'map[a:map[c:<nil>] b:[1 x true]]'],
  [1.5, '1.5'],
  [1e21, '1000000000000000000000'],
  [0.00001, '1e-05'],
  [0.0001, '0.0001'],
] as const)
  test(`${JSON.stringify(value)} is printed as ${shown}`, () => assert.equal(goValue(value), shown));

test('JSON, lists, numbers and characters are written as Go writes them', () => {
  assert.equal(goJson({ a: '<b>&' }), '{"a":"\\u003cb\\u003e\\u0026"}');
  assert.equal(goJson(undefined), 'null');
  assert.equal(goQuoteList(['a', 'b']), '["a" "b"]');
  assert.equal(goNumber(-0.25), '-0.25');
  assert.equal(goCodePoint('A'), "U+0041 'A'");
  assert.equal(goCodePoint('\u0001'), 'U+0001');
});

test('the length of a text is that of its bytes', () => {
  assert.deepEqual(['', 'abc', 'é', '😀'].map(byteLength), [0, 3, 2, 4]);
});

test('of what is large a message shows the beginning', () => {
  const list = Array.from({ length: 100_000 }, () => 'word');
  for (const text of [goValue(list), shownJson(list), goValue({ list }), goValue('x'.repeat(100_000))]) {
    assert.ok(text.length < 9000);
    assert.match(text, /… \(\d+ characters\)$/);
  }
  assert.equal(shortened('short'), 'short');
  assert.equal(shortened('ab😀', 3), 'ab… (4 characters)');
});
