import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityText, parseIdentity } from './identity.ts';

const certificate = '-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n';
const key = '-----BEGIN PRIVATE KEY-----\nYg==\n-----END PRIVATE KEY-----\n';

test('certificate and key come out of the text that they were put into', () => {
  assert.deepEqual(parseIdentity(identityText({ certificate: certificate.trim(), key })), { certificate, key });
});

test('a text without a key is no identity', () => {
  assert.throws(() => parseIdentity(certificate), /there is no PRIVATE KEY in it/);
});
