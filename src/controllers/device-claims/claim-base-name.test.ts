import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimBaseName } from './claim-base-name.ts';

test('a claim is named for its pod and entry', () => {
  assert.equal(claimBaseName('web', 'gpu'), 'web-gpu-');
});

test('of long names each part is shortened in proportion', () => {
  const name = claimBaseName('p'.repeat(90), 'c'.repeat(30));
  assert.equal(name, `${'p'.repeat(42)}-${'c'.repeat(14)}`);
});
