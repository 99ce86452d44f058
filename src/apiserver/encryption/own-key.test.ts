import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withOwnKey } from './own-key.ts';

const own = { aesgcm: { keys: [{ name: 'kubeling', secret: 'c2VjcmV0' }] } };
const theirs = { secretbox: { keys: [{ name: 'theirs', secret: 'dGhlaXJz' }] } };
const identity = { identity: {} };

test('Secrets are encrypted with the own key where nothing is said of them', () => {
  const secrets = { resources: ['secrets'], providers: [own, identity] };
  assert.deepEqual(withOwnKey(undefined, 'c2VjcmV0').resources, [secrets]);
  const others = { resources: ['configmaps'], providers: [theirs] };
  assert.deepEqual(withOwnKey({ resources: [others] }, 'c2VjcmV0').resources, [secrets, others]);
});

test('what was encrypted with the own key stays readable where another is named', () => {
  for (const name of ['secrets', '*.', '*.*']) {
    const { resources } = withOwnKey({ resources: [{ resources: [name], providers: [theirs] }] }, 'c2VjcmV0');
    assert.deepEqual(resources, [{ resources: [name], providers: [theirs, own] }]);
  }
});
