import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout, completed } from '../../../testing/definition.ts';
import { testContext } from '../../../testing/context.ts';
import { persistentVolume } from './persistent-volume.ts';

const volume = (spec: object = {}) => ({
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' }, ...spec },
});
const without = { hostPath: undefined };
const host = (key: string, value: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: [value] }] }] },
});

interface Row {
  readonly name: string;
  readonly object: object;
  readonly old?: object;
  readonly want: readonly string[];
}

const rows: Row[] = [
  { name: 'a volume', object: volume(), want: [] },
  {
    name: 'nothing but a spec',
    object: { spec: {} },
    want: [
      'spec.accessModes: Required value',
      'spec.capacity: Required value',
      'spec.capacity: Unsupported value: null: supported values: "storage"',
      'spec: Required value: must specify a volume type',
    ],
  },
  {
    name: 'sizes of other things',
    object: volume({ capacity: { storage: '-1', cpu: '1' } }),
    want: [
      'spec.capacity: Unsupported value: {"storage":"-1","cpu":"1"}: supported values: "storage"',
      'spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
      'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
    ],
  },
  {
    name: 'two sources',
    object: volume({ nfs: { server: 'a', path: '/' } }),
    want: ['spec.nfs: Forbidden: may not specify more than 1 volume type'],
  },
  {
    name: 'local, anywhere',
    object: volume({ ...without, local: { path: '/a/../b' } }),
    want: [
      `spec.local.path: Invalid value: "/a/../b": must not contain '..'`,
      'spec.nodeAffinity: Required value: Local volume requires node affinity',
    ],
  },
  {
    name: 'local, on no node',
    object: volume({ ...without, local: { path: '/a' }, nodeAffinity: {} }),
    want: ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
  },
  {
    name: 'a driver without a handle, and a secret without a namespace',
    object: volume({ ...without, csi: { driver: '', nodePublishSecretRef: { name: 'a' } } }),
    want: [
      'spec.csi.driver: Required value',
      'spec.csi.volumeHandle: Required value',
      'spec.csi.nodePublishSecretRef.namespace: Required value',
    ],
  },
  {
    name: 'the root recycled',
    object: volume({ hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' }),
    want: ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  },
  {
    name: 'attributes of what has no driver',
    object: volume({ volumeAttributesClassName: 'gold' }),
    want: ['spec.csi: Required value: has to be specified when using volumeAttributesClassName'],
  },
  {
    name: 'mount options of a directory',
    object: {
      ...volume(),
      metadata: { name: 'it', annotations: { 'volume.beta.kubernetes.io/mount-options': 'ro' } },
    },
    want: [
      'metadata.annotations.volume.beta.kubernetes.io/mount-options: Forbidden: may not specify mount options for this volume type',
    ],
  },
  {
    name: 'given a claim and a size',
    old: volume(),
    object: volume({ claimRef: { name: 'a' }, capacity: { storage: '2Gi' } }),
    want: [],
  },
  { name: 'tied to a node later', old: volume(), object: volume({ nodeAffinity: host('a', 'b') }), want: [] },
  {
    name: 'tied to another node',
    old: volume({ nodeAffinity: host('a', 'b') }),
    object: volume({ nodeAffinity: host('a', 'c') }),
    want: [
      'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"a","Operator":"In","Values":["c"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
    ],
  },
  {
    name: 'tied by the new name of a label',
    old: volume({ nodeAffinity: host('failure-domain.beta.kubernetes.io/zone', 'b') }),
    object: volume({ nodeAffinity: host('topology.kubernetes.io/zone', 'b') }),
    want: [],
  },
  {
    name: 'tied by the old name of a label again',
    old: volume({ nodeAffinity: host('topology.kubernetes.io/zone', 'b') }),
    object: volume({ nodeAffinity: host('failure-domain.beta.kubernetes.io/zone', 'b') }),
    want: [
      'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"failure-domain.beta.kubernetes.io/zone","Operator":"In","Values":["b"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
    ],
  },
  {
    name: 'tied to nothing any more',
    old: volume({ nodeAffinity: host('a', 'b') }),
    object: volume({ nodeAffinity: { required: { nodeSelectorTerms: null } } }),
    want: [
      'spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term',
      'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":null}}: field is immutable, except for updating from beta label to GA',
    ],
  },
  {
    name: 'on storage of others that is not named',
    object: volume({ ...without, rbd: { monitors: null, image: '' } }),
    want: ['spec.rbd.monitors: Required value', 'spec.rbd.image: Required value'],
  },
  {
    name: 'on a disk by iSCSI with wrong names',
    object: volume({ ...without, iscsi: { targetPortal: 'a', iqn: 'x', lun: 0, initiatorName: 'y' } }),
    want: [
      'spec.iscsi.iqn: Invalid value: "x": must be valid format',
      'spec.iscsi.initiatorname: Invalid value: "y": must be valid format',
    ],
  },
  {
    name: 'moved',
    old: volume(),
    object: volume({ hostPath: { path: '/other' } }),
    want: [
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@ -2,7 +2,7 @@\n  "GCEPersistentDisk": null,\n  "AWSElasticBlockStore": null,\n  "HostPath": {\n-  "Path": "/data",\n+  "Path": "/other",\n   "Type": ""\n  },\n  "Glusterfs": null,\n',
    ],
  },
];

for (const { name, object, old, want } of rows)
  test(`a persistent volume is checked: ${name}`, () =>
    assert.deepEqual([...new Set(complaintsAbout(persistentVolume, object, old))], want));

test('what is old about a volume is told', () => {
  const warnings = persistentVolume.strategy.warnings!(
    completed(persistentVolume, {
      metadata: { name: 'it', annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } },
      ...volume({
        persistentVolumeReclaimPolicy: 'Recycle',
        nodeAffinity: host('beta.kubernetes.io/os', 'linux'),
        glusterfs: {},
      }),
    }),
    undefined,
  );
  assert.deepEqual(warnings, [
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.glusterfs: deprecated in v1.25, non-functional in v1.26+',
  ]);
});

test('a status that leaves out since when the phase is the same keeps it', () => {
  const { prepareForUpdate } = persistentVolume.strategy.status!;
  const old = completed(persistentVolume, {
    ...volume(),
    status: { phase: 'Bound', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' },
  });
  const now = completed(persistentVolume, { ...volume(), status: { phase: 'Bound' } });
  prepareForUpdate!(now, old, testContext().context);
  assert.deepEqual(now.status, old.status);
});
