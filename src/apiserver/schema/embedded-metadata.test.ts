import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import { shapeEmbedded } from './embedded-metadata.ts';
import type { JsonSchema } from './json-schema.ts';

const embedded: JsonSchema = { type: 'object', 'x-kubernetes-embedded-resource': true };
const schema: JsonSchema = {
  type: 'object',
  properties: { one: embedded, many: { type: 'array', items: embedded } },
};
const resource = (metadata: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata });

test('metadata of embedded resources gets its form, wherever they are', () => {
  const value = {
    one: resource({ name: 'a', creationTimestamp: null, odd: 1 }),
    many: [resource({ name: 'b', odder: 2 })],
  };
  assert.deepEqual(shapeEmbedded(value, schema), ['many[0].metadata.odder', 'one.metadata.odd']);
  assert.deepEqual(value, { one: resource({ name: 'a' }), many: [resource({ name: 'b' })] });
});

test('what a patch has left as it was stored is frozen, and stays as it is', () => {
  const value = { one: deepFreeze(resource({ name: 'a' })), many: [resource({ name: 'b', odd: 1 })] };
  assert.deepEqual(shapeEmbedded(value, schema), ['many[0].metadata.odd']);
  assert.deepEqual(value, { one: resource({ name: 'a' }), many: [resource({ name: 'b' })] });
});

test('metadata of a wrong type is refused with its path', () => {
  const value = { many: [resource({ name: 'a' }), resource({ name: 1 })] };
  assert.throws(() => shapeEmbedded(value, schema), /^DecodeError: many\[1\]\.metadata: /);
});
