import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStored } from './canonical-json.ts';

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
