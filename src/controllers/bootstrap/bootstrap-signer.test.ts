import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detachedSignature } from './bootstrap-signer.ts';

test('a signature is the one that kubeadm expects', () => {
  const content = 'Hello from the other side. I must have called a thousand times.';
  assert.equal(
    detachedSignature(content, 'joshua', 'my voice is my passcode'),
    'eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8',
  );
});
