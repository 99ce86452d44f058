import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countMembersOfText, countMembersOfValue, membersOfText } from './members.ts';

test('a text without repeated members has as many as its value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      assert.equal(countMembersOfText(text), countMembersOfValue(value));
      assert.equal(membersOfText(text).length, countMembersOfValue(value));
      assert.ok(membersOfText(text).every(({ repeated }) => !repeated));
    }),
  );
});

test('repeated members are found at their place', () => {
  const text = '{"a": [1, {"b" : "x:\\"y", "b":{}}], "a":null, "\\u0061": 2}';
  assert.deepEqual(membersOfText(text), [
    { path: ['a'], repeated: false },
    { path: ['a', 1, 'b'], repeated: false },
    { path: ['a', 1, 'b'], repeated: true },
    { path: ['a'], repeated: true },
    { path: ['a'], repeated: true },
  ]);
  assert.equal(countMembersOfText(text), 5);
  assert.equal(countMembersOfValue(JSON.parse(text)), 1);
});
