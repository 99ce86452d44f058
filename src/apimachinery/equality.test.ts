import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { cloneJson } from './clone.ts';
import { jsonEqual, semanticEqual } from './equality.ts';
import { deepFreeze } from './freeze.ts';

test('equality of JSON values agrees with comparing them deeply', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      assert.equal(jsonEqual(a, b), same(a, b));
      assert.equal(jsonEqual(a, JSON.parse(JSON.stringify(a))), true);
    }),
  );
});

function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}

for (const { name, a, b, strictly, semantically } of [
  { name: 'a missing and an undefined member', a: { x: undefined }, b: {}, strictly: true, semantically: true },
  { name: 'the order of members', a: { x: 1, y: 2 }, b: { y: 2, x: 1 }, strictly: true, semantically: true },
  { name: 'an empty list and none', a: { x: [] }, b: {}, strictly: false, semantically: true },
  { name: 'null and none', a: { x: null }, b: {}, strictly: false, semantically: true },
  { name: 'an empty object and none', a: { x: {} }, b: {}, strictly: false, semantically: false },
  { name: 'a list and an object', a: [], b: {}, strictly: false, semantically: false },
  {
    name: 'a member called __proto__ and none',
    a: JSON.parse('{"__proto__":{}}'),
    b: {},
    strictly: false,
    semantically: false,
  },
  { name: 'a member called constructor and none', a: {}, b: { constructor: 1 }, strictly: false, semantically: false },
])
  test(`comparing ${name}`, () => {
    assert.equal(jsonEqual(a, b), strictly);
    assert.equal(jsonEqual(b, a), strictly);
    assert.equal(semanticEqual(a, b), semantically);
    assert.equal(semanticEqual(b, a), semantically);
  });

test('a copy is equal and shares nothing; freezing is deep', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const frozen = deepFreeze(cloneJson(value));
      assert.deepEqual(frozen, value);
      const copy = cloneJson(frozen);
      assert.ok(typeof copy !== 'object' || copy === null || !Object.isFrozen(copy) || Object.keys(copy).length === 0);
    }),
  );
  assert.equal(Object.hasOwn(cloneJson(JSON.parse('{"__proto__":{"a":1}}')), '__proto__'), true);
});
