import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatefulSet } from '../../../api/apps/v1/types.ts';
import type { PersistentVolumeClaim, Pod } from '../../../api/core/v1/types.ts';
import { controllerReference } from '../../../reconciler/cluster-view.ts';
import { isMember, ordinalOf, repaired, statefulPod } from './identity.ts';
import { claimOwners, claimsOf, isLeftOver } from './volume-claims.ts';

const volumes = [
  { name: 'data', emptyDir: {} },
  { name: 'tmp', emptyDir: {} },
];
const set: StatefulSet = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'default', uid: 'set' },
  spec: {
    replicas: 2,
    serviceName: 'dbs',
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [], volumes } },
    volumeClaimTemplates: [{ metadata: { name: 'data', labels: { tier: 'a' } }, spec: {} }],
  },
};
const from = { template: set.spec.template, revision: 'db-1' };

test('members have the name of the set and a number', () => {
  const pod = (name: string): Pod => ({ metadata: { name }, spec: { containers: [] } });
  assert.deepEqual(
    ['db-7', 'db-a', 'db', 'web-db-3', 'db-4294967296'].map((name) => [isMember(set, pod(name)), ordinalOf(pod(name))]),
    [
      [true, 7],
      [false, -1],
      [false, -1],
      [false, 3],
      [true, -1],
    ],
  );
});

test('a pod has its name, its number, its host name and its claims', () => {
  const { metadata, spec } = statefulPod(set, 1, from);
  assert.deepEqual(metadata, {
    name: 'db-1',
    namespace: 'default',
    labels: {
      app: 'db',
      'statefulset.kubernetes.io/pod-name': 'db-1',
      'apps.kubernetes.io/pod-index': '1',
      'controller-revision-hash': 'db-1',
    },
  });
  const { hostname, subdomain } = spec;
  assert.deepEqual([hostname, subdomain], ['db-1', 'dbs']);
  assert.deepEqual(spec.volumes, [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }, volumes[1]]);
});

test('a pod that has lost its labels gets them back, and one that is right stays', () => {
  const pod = statefulPod(set, 1, from);
  assert.equal(repaired(set, pod), undefined);
  const { 'statefulset.kubernetes.io/pod-name': _name, ...labels } = pod.metadata.labels!;
  const broken = { ...pod, metadata: { ...pod.metadata, labels } };
  assert.deepEqual(repaired(set, broken), pod);
});

test('a claim is named after template, set and number, and can be selected as the pods are', () => {
  assert.deepEqual(
    claimsOf(set, 1).map(({ metadata }) => metadata),
    [{ name: 'data-db-1', namespace: 'default', labels: { tier: 'a', app: 'db' } }],
  );
});

const pod = (ordinal: number): Pod => {
  const { metadata, spec } = statefulPod(set, ordinal, from);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, uid: `pod-${ordinal}` }, spec };
};
const bySet = controllerReference(set);
const byPod = controllerReference(pod(5));
const stranger = { apiVersion: 'example.com/v1', kind: 'Backup', name: 'b', uid: 'b', controller: true };

const rows: readonly { name: string; policy: string; ordinal?: number; has?: object[]; want: object[] | undefined }[] =
  [
    { name: 'kept: nobody', policy: 'Retain Retain', want: undefined },
    { name: 'kept after all', policy: 'Retain Retain', has: [bySet], want: [] },
    { name: 'deleted with the set', policy: 'Delete Retain', want: [bySet] },
    { name: 'as it is already', policy: 'Delete Retain', has: [bySet], want: undefined },
    {
      name: 'an owner that does not control',
      policy: 'Delete Retain',
      has: [{ ...bySet, controller: false }],
      want: [bySet],
    },
    { name: 'scaled down, deleted with the pod', policy: 'Retain Delete', ordinal: 5, want: [byPod] },
    { name: 'scaled down, of the set before', policy: 'Delete Delete', ordinal: 5, has: [bySet], want: [byPod] },
    { name: 'scaled up again', policy: 'Retain Delete', want: undefined },
    { name: 'an earlier set of the name', policy: 'Delete Retain', has: [{ ...bySet, uid: 'gone' }], want: undefined },
    { name: 'somebody else', policy: 'Delete Retain', has: [stranger], want: undefined },
    { name: 'somebody else, too', policy: 'Delete Retain', has: [bySet, stranger], want: [stranger] },
  ];

for (const { name, policy, ordinal = 0, has = [], want } of rows) {
  test(`owners of claims: ${name}`, () => {
    const [whenDeleted, whenScaled] = policy.split(' ');
    const persistentVolumeClaimRetentionPolicy = { whenDeleted, whenScaled };
    const owned = { ...set, spec: { ...set.spec, persistentVolumeClaimRetentionPolicy } } as StatefulSet;
    const claim = { metadata: { name: 'c', ownerReferences: has } } as PersistentVolumeClaim;
    assert.deepEqual(claimOwners(owned, pod(ordinal), claim).wanted, want);
  });
}

test('a claim that goes with an earlier pod of the name is not used again', () => {
  const claim = { metadata: { name: 'c', ownerReferences: [byPod] } } as PersistentVolumeClaim;
  const deleting = { ...set, spec: { ...set.spec, persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } } };
  assert.deepEqual(
    [isLeftOver(set, 5, claim), isLeftOver(deleting, 5, claim), isLeftOver(deleting, 4, claim)],
    [false, true, false],
  );
});
