import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  difference,
  emptySet,
  fieldPaths,
  fieldSetOf,
  intersection,
  isEmptySet,
  isFieldSet,
  union,
  type FieldSet,
} from './field-set.ts';

/** Sets of a few paths, and what they are as a set of texts. */
const paths = ['a', 'b', 'a.x', 'a.y', 'a.x.p', 'b.x', 'b.x.q'];
const chosen = fc.subarray(paths);
const pathsOf = (set: FieldSet) => fieldPaths(set).sort();
const expected = (some: readonly string[]) => some.map((path) => `.${path}`).sort();

test('union, difference and intersection are those of the paths', () => {
  fc.assert(
    fc.property(chosen, chosen, (some, others) => {
      const [a, b] = [fieldSetOf(...some), fieldSetOf(...others)];
      assert.deepEqual(pathsOf(a), expected(some));
      assert.deepEqual(pathsOf(union(a, b)), expected([...new Set([...some, ...others])]));
      assert.deepEqual(pathsOf(difference(a, b)), expected(some.filter((path) => !others.includes(path))));
      assert.deepEqual(pathsOf(intersection(a, b)), expected(some.filter((path) => others.includes(path))));
    }),
  );
});

test('a set that does not change stays the same object; an emptied one is empty', () => {
  fc.assert(
    fc.property(chosen, chosen, (some, others) => {
      const a = fieldSetOf(...some);
      const subset = fieldSetOf(...some.filter((path) => others.includes(path)));
      assert.equal(union(a, isEmptySet(a) ? emptySet : subset), a);
      assert.equal(difference(a, fieldSetOf(...others.filter((path) => !some.includes(path)))), a);
      assert.ok(isEmptySet(difference(a, a)));
    }),
  );
});

test('a node is a field itself when it is marked, or when nothing is below it', () => {
  const set = { 'f:data': { '.': {}, 'f:a': {} } };
  assert.deepEqual(difference(set, fieldSetOf('data.a')), { 'f:data': {} });
  assert.deepEqual(difference(set, fieldSetOf('data')), { 'f:data': { 'f:a': {} } });
  assert.deepEqual(union({ 'f:data': {} }, { 'f:data': { 'f:a': {} } }), set);
});

test('paths are in the order of their level, names before keys and values', () => {
  const set = {
    'f:b': {
      'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} },
      'k:{"port":443,"protocol":"TCP"}': { 'f:x': {} },
    },
    'f:a': {},
    'f:c': { 'v:"x\\"y"': {}, 'v:1': {}, 'i:3': {} },
  };
  assert.deepEqual(fieldPaths(set), [
    '.a',
    '.b[port=80,protocol="TCP"]',
    '.b[port=80,protocol="TCP"].name',
    '.b[port=443,protocol="TCP"].x',
    '.c[=1]',
    '.c[="x\\"y"]',
    '.c[3]',
  ]);
});

for (const [value, is] of [
  [{}, true],
  [{ 'f:a': { '.': {}, 'k:{"name":"x"}': {}, 'v:1': {}, 'i:0': {} } }, true],
  [{ a: {} }, false],
  [{ 'k:x': {} }, false],
  [{ 'i:x': {} }, false],
  [{ 'f:a': 1 }, false],
  [[], false],
  [null, false],
] as const)
  test(`${JSON.stringify(value)} is ${is ? 'a' : 'no'} set of fields`, () => assert.equal(isFieldSet(value), is));

test('paths below a long key are told without all of it', () => {
  const fields = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`f:${at}`, {}]));
  const paths = fieldPaths({ [`f:${'k'.repeat(100_000)}`]: fields, 'f:short': fields });
  assert.equal(paths.length, 600);
  for (const path of paths) assert.ok(path.length < 2200);
  assert.ok(paths.includes('.short.299'));
});
