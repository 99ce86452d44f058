import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployments } from '../../api/apps/v1/types.ts';
import { ConfigMaps } from '../../api/core/v1/types.ts';
import { planConditions } from './namespace-status.ts';

const now = Date.UTC(2026, 0, 1);
const held = { metadata: { name: 'a', finalizers: ['example.com/backup'] } };

test('the conditions count what is left and what holds it, by name', () => {
  const remaining = [
    { type: Deployments, objects: [{ metadata: { name: 'w' } }] },
    { type: ConfigMaps, objects: [held, held] },
  ];
  const conditions = planConditions([], remaining, ['no'], now);
  assert.deepEqual(
    conditions.map(({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`),
    [
      'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered: All resources successfully discovered',
      'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions: All legacy kube types successfully parsed',
      'NamespaceDeletionContentFailure True ContentDeletionFailed: Failed to delete all resource types, 1 remaining: no',
      'NamespaceContentRemaining True SomeResourcesRemain: Some resources are remaining: configmaps. has 2 resource instances, deployments.apps has 1 resource instances',
      'NamespaceFinalizersRemaining True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/backup in 2 resource instances',
    ],
  );
});

test('a condition keeps its time while its status lasts, and others’ conditions stay', () => {
  const other = { type: 'Mine', status: 'True' };
  const first = planConditions([other], [{ type: ConfigMaps, objects: [held] }], [], now);
  const second = planConditions(first, [], [], now + 60_000);
  const timeOf = (type: string): string | undefined => second.find((one) => one.type === type)?.lastTransitionTime;
  assert.equal(timeOf('NamespaceContentRemaining'), '2026-01-01T00:01:00Z');
  assert.equal(timeOf('NamespaceDeletionContentFailure'), '2026-01-01T00:00:00Z');
  assert.deepEqual(second[0], other);
});
