import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeStored, labelOf, metadataStart, type Stored } from './canonical-json.ts';
import type { KubeObject } from './object.ts';
import { RawNumber } from './raw-number.ts';

const pod = {
  kind: 'Pod',
  spec: { name: 'é' },
  apiVersion: 'v1',
  metadata: { resourceVersion: '7', name: 'a', uid: 'u' },
};

test('the stored form has metadata first, and neither kind, apiVersion nor resourceVersion', () => {
  const text = new TextDecoder().decode(encodeStored(pod));
  assert.equal(text, '{"metadata":{"name":"a","uid":"u"},"spec":{"name":"é"}}');
});

test('the bytes have a buffer of their own', () => {
  const bytes = encodeStored(pod);
  assert.equal(bytes.byteOffset, 0);
  assert.equal(bytes.buffer.byteLength, bytes.length);
});

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('managed fields stand last in metadata, and their subresource behind their fields', () => {
  const entry = { manager: 'm', fieldsV1: { 'f:spec': {} }, subresource: 'status' };
  const text = textOf(encodeStored({ metadata: { managedFields: [entry, {}, { fieldsV1: {} }], name: 'a' } }));
  const entries = '{"manager":"m","fieldsV1":{"f:spec":{}},"subresource":"status"},{},{"fieldsV1":{}}';
  assert.equal(text, `{"metadata":{"name":"a","managedFields":[${entries}]}}`);
});

test('what is not there is left out, and numbers stand as they were read', () => {
  const object = { metadata: { name: 'a', labels: undefined }, spec: undefined, odd: new RawNumber('1.50') };
  assert.equal(textOf(encodeStored(object as unknown as KubeObject)), '{"metadata":{"name":"a"},"odd":1.50}');
});

test('members that are those of the object before are copied from its bytes', () => {
  const before = { metadata: { name: 'a' }, spec: { text: 'é", "x":{' }, list: [1], status: { ready: true } };
  // So that it shows where they come from.
  const bytes = encodeStored({ ...before, list: [2] } as KubeObject);
  const after = { ...before, metadata: { name: 'b' }, status: { ready: false } };
  assert.equal(
    textOf(encodeStored(after, { object: before, bytes })),
    '{"metadata":{"name":"b"},"spec":{"text":"é\\", \\"x\\":{"},"list":[2],"status":{"ready":false}}',
  );
});

test('bytes say in which version they are, where they were told to', () => {
  const object = { apiVersion: 'other', kind: 'Thing', metadata: { name: 'a' }, spec: { apiVersion: 'mine' } };
  const bytes = encodeStored(object, undefined, 'example.com/v1');
  const text = new TextDecoder().decode(bytes);
  assert.equal(text, '{"apiVersion":"example.com/v1","metadata":{"name":"a"},"spec":{"apiVersion":"mine"}}');
  assert.equal(labelOf(bytes), 'example.com/v1');
  assert.equal(text.slice(metadataStart(bytes)), '"name":"a"},"spec":{"apiVersion":"mine"}}');
  const plain = encodeStored(object);
  assert.deepEqual([labelOf(plain), metadataStart(plain)], [undefined, '{"metadata":{'.length]);
});

test('however often an object is written over, its bytes are those of a new one', () => {
  const text = fc.constantFrom('', 'a', 'é', '"', '{', ',"b":');
  const value = fc.oneof(fc.constant('kept'), fc.integer(), fc.array(text), fc.dictionary(text, text));
  const members = fc.dictionary(fc.constantFrom('spec', 'status', 'é', '"', 'data'), value);
  fc.assert(
    fc.property(fc.array(members, { minLength: 2, maxLength: 4 }), (writes) => {
      let before: Stored | undefined;
      for (const write of writes) {
        const object: Record<string, unknown> = { metadata: { name: 'a' } };
        for (const name in write) {
          const old = (before?.object as Record<string, unknown> | undefined)?.[name];
          object[name] = write[name] === 'kept' && old !== undefined ? old : write[name];
        }
        const bytes = encodeStored(object as unknown as KubeObject, before);
        assert.equal(textOf(bytes), textOf(encodeStored(object as unknown as KubeObject)));
        before = { object: object as unknown as KubeObject, bytes };
      }
    }),
  );
});
