import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from './field-order.ts';
import { leaf } from './field-set.ts';
import { isShared, itself, noParts, textOf } from './shared-set.ts';

test('the same steps lead to the very same set, with its parts in order', () => {
  const make = () => itself().with('f:b', leaf).with('f:a', noParts().with('k:{"port":80}', leaf).set).set;
  const set = make();
  assert.equal(make(), set);
  assert.equal(JSON.stringify(set), '{".":{},"f:a":{"k:{\\"port\\":80}":{}},"f:b":{}}');
  assert.equal(inOrder(set), set);
  assert.ok(Object.isFrozen(set));
});

test('a step with another node leads elsewhere, however many there are', () => {
  const nodes = Array.from({ length: 200 }, (_, at) => noParts().with(`f:${at}`, leaf).set);
  for (let round = 0; round < 2; round++)
    for (const node of nodes) assert.deepEqual(noParts().with('f:spec', node).set, { 'f:spec': node });
});

test('what differs from object to object, as addresses do, takes the place of nothing that is shared', () => {
  const sets = Array.from({ length: 100 }, (_, at) => {
    const items = noParts().with(`k:{"ip":"10.0.0.${at}"}`, leaf).set;
    return noParts().with('f:addresses', items).set;
  });
  assert.ok(isShared(sets[0]!));
  assert.ok(!isShared(sets[99]!));
  assert.deepEqual(sets[99], { 'f:addresses': { 'k:{"ip":"10.0.0.99"}': {} } });
});

test('sets are right when steps have been forgotten', () => {
  const before = noParts().with('f:first', leaf);
  for (let at = 0; at < 30_000; at++) noParts().with(`f:${at}`, leaf);
  assert.deepEqual(before.with('f:second', leaf).set, { 'f:first': {}, 'f:second': {} });
  assert.notEqual(noParts().with('f:first', leaf), before);
  assert.deepEqual(noParts().with('f:first', leaf).set, before.set);
});

test('a set without parts is the empty one', () => {
  assert.equal(noParts().set, leaf);
});

test('the text of a set is its JSON, whether it is shared or not', () => {
  const { set } = noParts().with('f:a"b', leaf);
  for (const one of [set, set, { ...set }, leaf]) assert.equal(textOf(one), JSON.stringify(one));
});
