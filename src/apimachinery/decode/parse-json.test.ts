import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cloneJson } from '../clone.ts';
import { jsonEqual } from '../equality.ts';
import { parseJson } from './parse-json.ts';

const integers = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String);
const decimals = fc
  .tuple(integers, fc.integer({ min: 0, max: 999_999 }), fc.constantFrom('', 'e5', 'E-7', 'e+400'))
  .map(([whole, fraction, exponent]) => `${whole}.${fraction}${exponent}`);
const scalars = fc.oneof(
  integers,
  decimals,
  fc.string().map((text) => JSON.stringify(text)),
  fc.constantFrom('true', 'null'),
);
const { text: texts } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small' },
    scalars,
    fc.array(tie('text')).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(fc.string(), tie('text')), { selector: ([name]) => name })
      .filter((members) => members.every(([name]) => !/^(?:0|[1-9]\d*)$/.test(name)))
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
  ),
}));

test('every number is written as it was read', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const value = parseJson(text);
      assert.equal(JSON.stringify(value), text);
      assert.ok(jsonEqual(value, cloneJson(value)));
    }),
  );
});

for (const { name, text, want } of [
  { name: 'repeated members', text: '{"a":9007199254740993,"b":1.50,"a":1}', want: '{"a":1,"b":1.50}' },
  { name: 'texts that look like marks', text: '["\ue0000",1.50,"\\uE0001"]', want: '["\ue0000",1.50,"\ue0001"]' },
  {
    name: 'texts that look like every mark',
    text: '["\ue000","\ue5a3","\\uF13c",1.50]',
    want: '["\ue000","\ue5a3","\uf13c",1.50]',
  },
  { name: 'names that JavaScript has a meaning for', text: '{"__proto__":1.50}', want: '{"__proto__":1.50}' },
])
  test(`numbers beside ${name} are kept`, () => assert.equal(JSON.stringify(parseJson(text)), want));

for (const text of ['{1.50:2}', '[01.5]', '[1.2.3]', '[1.50', '[-.50]', '[1e]', '[+1.50]'])
  test(`${text} is no JSON`, () => assert.throws(() => parseJson(text), { name: 'DecodeError' }));

test('numbers are the same when they are written so', () => {
  const equal = (a: string, b: string) => jsonEqual(parseJson(a), parseJson(b));
  assert.ok(equal('[9007199254740993]', '[9007199254740993]'));
  assert.ok(!equal('[9007199254740993]', '[9007199254740992]'));
  assert.ok(!equal('[9007199254740993]', '[{}]'));
  assert.ok(!equal('[{}]', '[9007199254740993]'));
});
