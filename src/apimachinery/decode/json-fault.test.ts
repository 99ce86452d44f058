import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonFault } from './json-fault.ts';

// As a Kubernetes 1.36.3 answered them.
for (const [text, want] of [
  ['', 'unexpected end of JSON input'],
  ['{"kind":"ConfigMap"', 'unexpected end of JSON input'],
  ['{bad json', "invalid character 'b' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', `invalid character '"' after object key:value pair`],
  ['{"a":01}', "invalid character '1' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['\u0000', "invalid character '\\x00' looking for beginning of value"],
  ['{"x":"a\nb"}', "invalid character '\\n' in string literal"],
  ['{"a":"\\q"}', "invalid character 'q' in string escape code"],
  ['tru', "invalid character ' ' in literal true (expecting 'e')"],
  ['not json', "invalid character 'o' in literal null (expecting 'u')"],
  ['{"a":nul}', "invalid character '}' in literal null (expecting 'l')"],
  ['-', "invalid character ' ' in numeric literal"],
  ['{"a":-}', "invalid character '}' in numeric literal"],
  ['{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
] as const)
  test(`${JSON.stringify(text)} is refused in Go's words`, () => assert.equal(jsonFault(text), want));

test('a text that JavaScript can read just ends, and a broken one tells where', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.equal(jsonFault(text), 'unexpected end of JSON input');
      assert.match(jsonFault(`${text}}`), /^invalid character '}' after top-level value$/);
      assert.match(jsonFault(`[${text}}`), /^invalid character '}' after array element$/);
    }),
  );
});

test('a text that nests deeply is looked at without a stack', () => {
  assert.equal(jsonFault('['.repeat(1_000_000)), 'unexpected end of JSON input');
});
