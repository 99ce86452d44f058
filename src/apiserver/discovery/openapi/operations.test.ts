import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupVersionWord } from './operations.ts';

for (const [group, word] of [
  ['', 'CoreV1'],
  ['rbac.authorization.k8s.io', 'RbacAuthorizationV1'],
  ['acme.cert-manager.io', 'AcmeCertManagerIoV1'],
] as const)
  test(`operations of the group "${group}" have ${word} in their names`, () => {
    assert.equal(groupVersionWord(group, 'v1'), word);
  });
