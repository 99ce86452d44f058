import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareParts, inOrder } from './field-order.ts';
import type { FieldSet } from './field-set.ts';

const leaf = {};
const textOf = (set: FieldSet) => JSON.stringify(inOrder(set));

test('a node itself stands before its parts, members by their names', () => {
  assert.equal(
    textOf({ 'f:spec': { 'f:b': leaf, '.': leaf, 'f:a': leaf }, 'f:metadata': leaf }),
    '{"f:metadata":{},"f:spec":{".":{},"f:a":{},"f:b":{}}}',
  );
});

test('items stand by their keys, numbers among them by what they are', () => {
  const parts = [
    'k:{"containerPort":443,"protocol":"TCP"}',
    'k:{"containerPort":80,"protocol":"UDP"}',
    'k:{"containerPort":80,"protocol":"TCP"}',
    'k:{"containerPort":8080,"protocol":"TCP"}',
  ];
  const ordered = [parts[2], parts[1], parts[0], parts[3]];
  assert.deepEqual(parts.toSorted(compareParts), ordered);
  assert.deepEqual(['k:{"name":"b1"}', 'k:{"name":"a10"}', 'k:{"name":"a9"}'].toSorted(compareParts), [
    'k:{"name":"a10"}',
    'k:{"name":"a9"}',
    'k:{"name":"b1"}',
  ]);
  assert.deepEqual(['v:"a:9"', 'v:"a:10"'].toSorted(compareParts), ['v:"a:10"', 'v:"a:9"'], 'texts are no numbers');
  assert.deepEqual(['v:true', 'v:"a"', 'v:10', 'v:9'].toSorted(compareParts), ['v:9', 'v:10', 'v:"a"', 'v:true']);
});

test('members stand before items by key, those before items by value and by position', () => {
  assert.deepEqual(['i:0', 'v:"a"', 'k:{"name":"a"}', 'f:z', '.'].toSorted(compareParts), [
    '.',
    'f:z',
    'k:{"name":"a"}',
    'v:"a"',
    'i:0',
  ]);
});

test('a set that is in order is answered itself, and parts that are stay shared', () => {
  const spec = { '.': leaf, 'f:a': leaf };
  const good = { 'f:metadata': leaf, 'f:spec': spec };
  assert.equal(inOrder(good), good);
  const mended = inOrder({ 'f:spec': spec, 'f:metadata': leaf });
  assert.equal(mended['f:spec'], spec);
});
