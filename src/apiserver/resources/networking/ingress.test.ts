import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout } from '../../testing/definition.ts';
import { ingress } from './ingress.ts';

const path = (one: object) => ({ spec: { rules: [{ http: { paths: [one] } }] } });
const field = 'spec.rules[0].http.paths[0]';

const rows: readonly { readonly name: string; readonly object: object; readonly want: readonly string[] }[] = [
  {
    name: 'a resource whose group was left out',
    object: { spec: { defaultBackend: { resource: { apiGroup: null, kind: 'Bucket', name: 'a' } } } },
    want: [],
  },
  {
    name: 'a path without a type: the rest is not looked at',
    object: path({}),
    want: [`${field}.pathType: Required value: pathType must be specified`],
  },
  {
    name: 'a path with an empty type',
    object: path({ pathType: '', backend: { service: { name: 'web', port: { number: 80 } } } }),
    want: [`${field}.pathType: Unsupported value: "": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
  },
];

for (const { name, object, want } of rows)
  test(`an ingress is checked: ${name}`, () => assert.deepEqual(complaintsAbout(ingress, object), want));
