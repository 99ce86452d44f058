import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typeMetaFault } from './unrecognized.ts';

test('a body may say its kind in texts, or not at all', () => {
  for (const value of [undefined, null, {}, { kind: null }, { kind: 'Pod', apiVersion: 'v1', a: 1 }])
    assert.equal(typeMetaFault(value), undefined);
});

test('of a kind and a version that are no texts, the one that stands first is told', () => {
  assert.match(typeMetaFault({ a: 1, apiVersion: 2, kind: {} })!, /cannot unmarshal number into .*\.apiVersion of/);
  assert.match(typeMetaFault({ kind: {}, apiVersion: 2 })!, /cannot unmarshal object into .*\.kind of/);
});
