import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subdomainNames } from './names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts';
import type { ObjectMeta } from './object.ts';
import { fieldErrorText, mostErrors } from './validation.ts';

const rules = { namespaced: true, nameRule: subdomainNames };
const good: ObjectMeta = { name: 'a', namespace: 'default' };

function created(meta: Partial<ObjectMeta>): string[] {
  return validateObjectMeta({ ...good, ...meta }, rules).map(fieldErrorText);
}
function updated(meta: Partial<ObjectMeta>, old: Partial<ObjectMeta> = {}): string[] {
  return validateObjectMetaUpdate({ ...good, ...meta }, { ...good, ...old }).map(fieldErrorText);
}

for (const { name, meta, errors } of [
  { name: 'nothing odd', meta: {}, errors: [] },
  { name: 'no name', meta: { name: '' }, errors: ['metadata.name: Required value: name or generateName is required'] },
  { name: 'no namespace', meta: { namespace: '' }, errors: ['metadata.namespace: Required value'] },
  {
    name: 'a namespace with a dot',
    meta: { namespace: 'a.b' },
    errors: ['metadata.namespace: Invalid value: "a.b": must not contain dots'],
  },
  {
    name: 'a negative generation',
    meta: { generation: -1 },
    errors: ['metadata.generation: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'annotations of more than 256 KiB',
    meta: { annotations: { a: 'x'.repeat(262144) } },
    errors: ['metadata.annotations: Too long: may not be more than 262144 bytes'],
  },
  { name: 'capitals in the domain of an annotation', meta: { annotations: { 'Example.com/a': '' } }, errors: [] },
  {
    name: 'a label value that is too long',
    meta: { labels: { a: 'b'.repeat(64) } },
    errors: [`metadata.labels: Invalid value: "${'b'.repeat(64)}": must be no more than 63 bytes`],
  },
  {
    name: 'an owner without uid',
    meta: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: '' }] },
    errors: ['metadata.ownerReferences.uid: Invalid value: "": must not be empty'],
  },
  {
    name: 'an event as owner',
    meta: { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'x', uid: 'u' }] },
    errors: [
      'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"x","uid":"u"}: /v1, Kind=Event is disallowed from being an owner',
    ],
  },
  {
    name: 'two controllers',
    meta: {
      ownerReferences: ['1', '2'].map((n) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        name: `x${n}`,
        uid: `u${n}`,
        controller: true,
      })),
    },
    errors: [
      'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"Pod","name":"x1","uid":"u1","controller":true},{"apiVersion":"v1","kind":"Pod","name":"x2","uid":"u2","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for Pod/x1 and Pod/x2',
    ],
  },
  {
    name: 'a finalizer without a domain',
    meta: { finalizers: ['orphan', 'nodomain'] },
    errors: [
      'metadata.finalizers[1]: Invalid value: "nodomain": name is neither a standard finalizer name nor is it fully qualified',
    ],
  },
  {
    name: 'a managed fields entry of an unknown operation',
    meta: { managedFields: [{ manager: 'x', operation: 'Guess' as 'Apply' }] },
    errors: ['metadata.managedFields[0].operation: Invalid value: "Guess": must be `Apply` or `Update`'],
  },
])
  test(`creating with ${name}: ${errors.length} errors`, () => assert.deepEqual(created(meta), errors));

test('a cluster-scoped object has no namespace', () => {
  const errors = validateObjectMeta(good, { namespaced: false, nameRule: subdomainNames });
  assert.deepEqual(errors.map(fieldErrorText), ['metadata.namespace: Forbidden: not allowed on this type']);
});

for (const { name, meta, old, errors } of [
  { name: 'nothing', meta: {}, old: {}, errors: [] },
  {
    name: 'the same time in another form',
    meta: { creationTimestamp: '2024-01-01T02:00:00+02:00' },
    old: { creationTimestamp: '2024-01-01T00:00:00Z' },
    errors: [],
  },
  {
    name: 'the uid',
    meta: { uid: 'b' },
    old: { uid: 'a' },
    errors: ['metadata.uid: Invalid value: "b": field is immutable'],
  },
  {
    name: 'a time of deletion',
    meta: { deletionTimestamp: '2001-01-01T00:00:00Z' },
    old: {},
    errors: ['metadata.deletionTimestamp: Invalid value: "2001-01-01T00:00:00Z": field is immutable'],
  },
  {
    name: 'a finalizer while the object is being deleted',
    meta: { deletionTimestamp: '2001-01-01T00:00:00Z', finalizers: ['example.com/b', 'example.com/a'] },
    old: { deletionTimestamp: '2001-01-01T00:00:00Z', finalizers: ['example.com/a'] },
    errors: [
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/b"}',
    ],
  },
  {
    name: 'the generation downwards',
    meta: { generation: 1 },
    old: { generation: 2 },
    errors: ['metadata.generation: Invalid value: 1: must not be decremented'],
  },
])
  test(`changing ${name}: ${errors.length} errors`, () => assert.deepEqual(updated(meta, old), errors));

test('of many labels, annotations and finalizers that are none, as many are told as a message holds', () => {
  const names = Array.from({ length: 2 * mostErrors }, (_, at) => `!${at}`);
  const map = Object.fromEntries(names.map((name) => [name, '']));
  for (const meta of [{ labels: map }, { annotations: map }, { finalizers: names }])
    assert.equal(created(meta).filter((error) => error.includes('name part must consist')).length, mostErrors);
});
