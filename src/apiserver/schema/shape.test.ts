import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillDefaults } from './fill.ts';
import type { JsonSchema } from './json-schema.ts';
import { shapeObject } from './shape.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer', default: 3 },
        maybe: { type: 'string', nullable: true },
        plain: { type: 'string' },
        open: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { known: { type: 'object', properties: { a: { type: 'string' } } } },
        },
        list: { type: 'array', items: { type: 'object', properties: { a: { type: 'string', default: 'b' } } } },
        pod: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
      },
    },
  },
};
const kind = {
  group: 'example.com',
  kind: 'Thing',
  schemaOf: (version: string) => (version === 'v1' ? schema : undefined),
};

function shaped(content: object, apiVersion = 'example.com/v1') {
  const { value, unknown } = shapeObject({ apiVersion, kind: 'Thing', metadata: { name: 'a' }, ...content }, kind);
  fillDefaults(value, schema);
  const { apiVersion: _version, kind: _kind, ...rest } = value;
  return { value: rest, unknown };
}

test('what the schema does not know goes, and is told in the order of paths', () => {
  const { value, unknown } = shaped({
    spec: { odd: 1, open: { any: 1, known: { a: 'x', z: 1 } }, list: [{ q: 1 }] },
    other: {},
  });
  assert.deepEqual(value, {
    metadata: { name: 'a' },
    spec: { size: 3, open: { any: 1, known: { a: 'x' } }, list: [{ a: 'b' }] },
  });
  assert.deepEqual(unknown, [
    'unknown field "other"',
    'unknown field "spec.list[0].q"',
    'unknown field "spec.odd"',
    'unknown field "spec.open.known.z"',
  ]);
});

test('null stays where it may be, brings the default where there is one, and goes elsewhere', () => {
  const { value } = shaped({ spec: { size: null, maybe: null, plain: null } });
  assert.deepEqual(value['spec'], { size: 3, maybe: null });
});

test('metadata is shaped, in embedded objects too', () => {
  const { value, unknown } = shaped({
    metadata: { name: 'a', odd: 1, 'é\u0000ab"\n': 1 },
    spec: { pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', strange: 1 }, any: 1 } },
  });
  assert.deepEqual(value, {
    metadata: { name: 'a' },
    spec: { size: 3, pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, any: 1 } },
  });
  assert.deepEqual(unknown, [
    'unknown field "metadata.odd"',
    'unknown field "metadata.é\\x00ab\\"\\n"',
    'unknown field "spec.pod.metadata.strange"',
  ]);
  assert.throws(
    () => shaped({ spec: { pod: { metadata: { labels: 1 } } } }),
    /^DecodeError: spec\.pod\.metadata: Invalid value/,
  );
});

test('of a version that nobody knows nothing stays but what every object says of itself', () => {
  const { value, unknown } = shaped({ spec: { size: 1 } }, 'example.com/v9');
  assert.deepEqual([value, unknown], [{ metadata: { name: 'a' } }, ['unknown field "spec"']]);
});

/** Ten of the next level in each of the items that the level before brought. */
function growing(levels: number): JsonSchema {
  const properties: Record<string, JsonSchema> = levels === 0 ? {} : { x: growing(levels - 1) };
  return { type: 'array', default: Array(10).fill({}), items: { type: 'object', properties } };
}

test('defaults that bring more and more end where an object is too large', () => {
  assert.equal(fillDefaults({}, { type: 'object', properties: { x: growing(2) } }), true);
  assert.equal(fillDefaults({}, { type: 'object', properties: { x: growing(10) } }), false);
  const long = { type: 'string', default: 'a' };
  const flat = { type: 'array', items: { type: 'object', properties: { a: long, b: long, c: long } } };
  assert.equal(
    fillDefaults(
      Array.from({ length: 20_000 }, () => ({})),
      flat,
    ),
    true,
  );
  assert.equal(
    fillDefaults(
      Array.from({ length: 20_001 }, () => ({})),
      flat,
    ),
    false,
  );
});

test('what is not known below a long key is told without all of it', () => {
  const members: JsonSchema = { type: 'object', additionalProperties: { type: 'object', properties: {} } };
  const value = { apiVersion: 'example.com/v1', kind: 'Thing', m: { ['k'.repeat(100_000)]: { a: 1, b: 2 } } };
  const schemaOf = () => ({ type: 'object', properties: { m: members } }) as JsonSchema;
  const { unknown } = shapeObject(value, { ...kind, schemaOf });
  const long = unknown.filter((text) => text.startsWith('unknown field "m.k'));
  assert.equal(long.length, 2);
  for (const text of long) assert.ok(text.length < 2200 && text.endsWith(' characters)"'), text.slice(-40));
});
