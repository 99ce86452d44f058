import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import oracle from 'fast-json-patch';
import { applyJsonPatch } from './json-patch.ts';

const original = { a: 1, list: ['x', 'y'], deep: { b: { c: true } }, 'with/slash': 1, 'with~tilde': 2 };
const refused = {
  code: 422,
  reason: 'Invalid',
  message: 'the server rejected our request due to an error in our request',
};

for (const { name, operations, result } of [
  { name: 'adds a member', operations: [{ op: 'add', path: '/n', value: 2 }], result: { ...original, n: 2 } },
  {
    name: 'inserts into a list and appends to it',
    operations: [
      { op: 'add', path: '/list/1', value: 'i' },
      { op: 'add', path: '/list/-', value: 'z' },
    ],
    result: { ...original, list: ['x', 'i', 'y', 'z'] },
  },
  {
    name: 'counts from the end of a list',
    operations: [{ op: 'replace', path: '/list/-1', value: 'last' }],
    result: { ...original, list: ['x', 'last'] },
  },
  {
    name: 'reads escapes in paths',
    operations: [
      { op: 'replace', path: '/with~1slash', value: 5 },
      { op: 'replace', path: '/with~0tilde', value: 6 },
    ],
    result: { ...original, 'with/slash': 5, 'with~tilde': 6 },
  },
  {
    name: 'moves and copies',
    operations: [
      { op: 'move', from: '/deep/b', path: '/moved' },
      { op: 'copy', from: '/moved/c', path: '/copied' },
    ],
    result: { ...original, deep: {}, moved: { c: true }, copied: true },
  },
  {
    name: 'replaces a member that is missing',
    operations: [{ op: 'replace', path: '/none', value: 1 }],
    result: { ...original, none: 1 },
  },
  {
    name: 'copies null for a member that is missing',
    operations: [{ op: 'copy', from: '/none', path: '/n' }],
    result: { ...original, n: null },
  },
  {
    name: 'goes on after a test that holds',
    operations: [
      { op: 'test', path: '/deep', value: { b: { c: true } } },
      { op: 'test', path: '/none', value: null },
      { op: 'remove', path: '/a' },
    ],
    result: { list: original.list, deep: original.deep, 'with/slash': 1, 'with~tilde': 2 },
  },
  { name: 'replaces the whole', operations: [{ op: 'replace', path: '', value: {} }], result: {} },
])
  test(`a patch ${name}`, () => assert.deepEqual(applyJsonPatch(original, operations), result));

for (const { name, operations } of [
  { name: 'removes what is missing', operations: [{ op: 'remove', path: '/none' }] },
  { name: 'removes behind the end of a list', operations: [{ op: 'remove', path: '/list/2' }] },
  { name: 'adds below what is missing', operations: [{ op: 'add', path: '/none/x', value: 1 }] },
  { name: 'adds below a number', operations: [{ op: 'add', path: '/a/x', value: 1 }] },
  { name: 'moves what is missing', operations: [{ op: 'move', from: '/none', path: '/x' }] },
  { name: 'tests for another value', operations: [{ op: 'test', path: '/a', value: '1' }] },
  { name: 'has a path without a slash', operations: [{ op: 'add', path: 'a', value: 1 }] },
  { name: 'has no path', operations: [{ op: 'add', value: 1 }] },
  { name: 'has an unknown operation', operations: [{ op: 'grow', path: '/a' }] },
  { name: 'reaches into a prototype', operations: [{ op: 'add', path: '/constructor/prototype/x', value: 1 }] },
])
  test(`a patch that ${name} does not apply`, () => assert.throws(() => applyJsonPatch(original, operations), refused));

test('what is no list of operations is a bad request; too many are too large', () => {
  assert.throws(() => applyJsonPatch({}, { op: 'add' }), { code: 400 });
  const many = Array(10_001).fill({ op: 'test', path: '/a', value: null });
  assert.throws(() => applyJsonPatch({}, many), {
    code: 413,
    message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
  });
});

test('copies cannot double a document without end', () => {
  const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
  assert.throws(() => applyJsonPatch({ a: [1] }, doubling), refused);
});

test('the difference between two documents leads from one to the other', () => {
  const documents = fc.dictionary(fc.constantFrom('a', 'b', '~/', ''), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(documents, documents, (from, to) => {
      const a = JSON.parse(JSON.stringify(from));
      const b = JSON.parse(JSON.stringify(to));
      const before = JSON.stringify(a);
      assert.deepEqual(applyJsonPatch(a, oracle.compare(a, b)), b);
      assert.equal(JSON.stringify(a), before);
    }),
  );
});
