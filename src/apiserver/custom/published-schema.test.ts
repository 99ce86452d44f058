import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonSchema } from '../schema/json-schema.ts';
import { publishedSchema } from './published-schema.ts';

const type = {
  group: 'cert-manager.io',
  version: 'v1',
  kind: 'Issuer',
  resource: 'issuers',
  singular: 'issuer',
  namespaced: true,
  definition: 'io.cert-manager.v1.Issuer',
};

/** The schema of the kind as a document of a version shows it. */
function publishedIn(version: 2 | 3, schema: JsonSchema): any {
  const published = publishedSchema({ type, listKind: 'IssuerList', schema, selectable: [] });
  return published[type.definition]!.verbatim!({ version, prefix: '#/' });
}

test("the members of every object are told in Kubernetes' words, whatever the definition says", () => {
  const own = { type: 'string', description: 'own words' } as const;
  const { properties } = publishedIn(3, { type: 'object', properties: { apiVersion: own, kind: own } });
  assert.match(properties.apiVersion.description, /^APIVersion defines the versioned schema [^\n]*$/);
  assert.match(properties.kind.description, /^Kind is a string value representing the REST resource [^\n]*$/);
});

test('defaults are told in OpenAPI 3 only, members with that name in both', () => {
  const size = { type: 'integer', default: 3 } as const;
  const schema: JsonSchema = {
    type: 'object',
    properties: { spec: { type: 'object', default: {}, properties: { size, default: size } } },
  };
  assert.deepEqual(publishedIn(3, schema).properties.spec, {
    type: 'object',
    default: {},
    properties: { size, default: size },
  });
  assert.deepEqual(publishedIn(2, schema).properties.spec, {
    type: 'object',
    properties: { size: { type: 'integer' }, default: { type: 'integer' } },
  });
});

test('what is a number or a text is told so in OpenAPI 3', () => {
  const port = { 'x-kubernetes-int-or-string': true } as const;
  const schema: JsonSchema = { type: 'object', properties: { port } };
  assert.deepEqual(publishedIn(3, schema).properties.port, {
    ...port,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
  });
  assert.deepEqual(publishedIn(2, schema).properties.port, port);
});
