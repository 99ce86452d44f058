import assert from 'node:assert/strict';
import { test } from 'node:test';
import { innerTemplate } from './difference.ts';
import { internalForm } from './internal-form.ts';

test('a template is shown with its metadata first, in the order of Go, and with the names of hosts at the end', () => {
  const shown = innerTemplate({
    metadata: { labels: { a: 'b' }, name: 'n' },
    spec: { hostNetwork: true, containers: [{ name: 'app', image: 'x' }] },
  }) as { Spec: Record<string, any> };
  assert.deepEqual(Object.keys(shown), ['name', 'labels', 'Spec']);
  assert.deepEqual(Object.keys(shown.Spec).slice(-3), ['Resources', 'HostnameOverride', 'SchedulingGroup']);
  assert.equal(shown.Spec['SecurityContext'].HostNetwork, true);
});

test('a selector is shown with its labels first, and a list that was left out as none', () => {
  const labelSelector = { matchExpressions: [{ operator: 'Exists', key: 'k' }], matchLabels: { b: '', a: '' } };
  const { LabelSelector } = internalForm({ labelSelector }, 'Spread') as { LabelSelector: object };
  assert.equal(
    JSON.stringify(LabelSelector),
    '{"matchLabels":{"a":"","b":""},"matchExpressions":[{"key":"k","operator":"Exists"}]}',
  );
  assert.deepEqual(internalForm({ required: { nodeSelectorTerms: null } }, 'VolumeNodeAffinity'), {
    Required: { NodeSelectorTerms: null },
  });
});

test('disks of others have their inner names too', () => {
  const iscsi = { targetPortal: 'p', iqn: 'i', lun: 1, chapAuthSession: true, iscsiInterface: 'd', fsType: 'ext4' };
  const { ISCSI, AzureDisk } = internalForm({ iscsi, azureDisk: { diskURI: 'u', diskName: 'n' } }, 'Volume') as any;
  assert.deepEqual(ISCSI, {
    ...{ TargetPortal: 'p', IQN: 'i', Lun: 1, ISCSIInterface: 'd', FSType: 'ext4', ReadOnly: false, Portals: null },
    ...{ DiscoveryCHAPAuth: false, SessionCHAPAuth: true, SecretRef: null, InitiatorName: null },
  });
  assert.equal(AzureDisk.DataDiskURI, 'u');
});
