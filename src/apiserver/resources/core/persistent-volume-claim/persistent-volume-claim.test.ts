import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout, completed, writer } from '../../../testing/definition.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';

const claim = (spec: object = {}, more: object = {}) => ({
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } }, ...spec },
  ...more,
});
const bound = { status: { phase: 'Bound', capacity: { storage: '1Gi' } } };
const golden = { status: { ...bound.status, currentVolumeAttributesClassName: 'gold' } };
const size = (storage: string) => ({ volumeName: 'pv', resources: { requests: { storage } } });
const immutable =
  'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n';
const own = { kind: 'PersistentVolumeClaim', name: 'other' };
const old = 'volume.beta.kubernetes.io/storage-class';
const annotated = (value: string) => ({
  metadata: { name: 'it', namespace: 'default', annotations: { [old]: value } },
});

interface Row {
  readonly name: string;
  readonly object: object;
  readonly old?: object;
  readonly want: readonly string[];
}

const rows: Row[] = [
  { name: 'a claim', object: claim(), want: [] },
  {
    name: 'nothing but a spec',
    object: { spec: {} },
    want: [
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.resources[storage]: Required value',
    ],
  },
  {
    name: 'a source of another group with a bad name',
    object: claim({ dataSourceRef: { apiGroup: 'a_b', kind: 'Backup', name: 'x' } }),
    want: ['spec.dataSource.apiGroup', 'spec.dataSourceRef.apiGroup'].map(
      (field) =>
        `${field}: Invalid value: "a_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ),
  },
  {
    name: 'a source without a group that is no claim',
    object: claim({ dataSourceRef: { kind: 'Backup', name: 'x' } }),
    want: ['spec.dataSource', 'spec.dataSourceRef'].map(
      (field) =>
        `${field}: Invalid value: "Backup": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
    ),
  },
  {
    name: 'a source without a name, as the decoder leaves its group',
    object: claim({ dataSource: { kind: 'PersistentVolumeClaim', apiGroup: null } }),
    want: ['spec.dataSource.name: Required value', 'spec.dataSourceRef.name: Required value'],
  },
  {
    name: 'two sources that differ',
    object: claim({ dataSource: own, dataSourceRef: { ...own, name: 'third' } }),
    want: ['spec: Invalid value: {}: must match dataSourceRef'],
  },
  { name: 'given a volume', old: claim(), object: claim({ volumeName: 'pv' }), want: [] },
  {
    name: 'given another volume',
    old: claim({ volumeName: 'pv' }),
    object: claim({ volumeName: 'pv2' }),
    want: [
      `${immutable}@@ -9,7 +9,7 @@\n    "storage": "2Gi"\n   }\n  },\n- "VolumeName": "pv",\n+ "VolumeName": "pv2",\n  "StorageClassName": null,\n  "VolumeMode": "Filesystem",\n  "DataSource": null,\n`,
    ],
  },
  { name: 'bound and growing', old: claim(size('2Gi'), bound), object: claim(size('3Gi'), bound), want: [] },
  { name: 'a growth taken back', old: claim(size('3Gi'), bound), object: claim(size('2Gi'), bound), want: [] },
  {
    name: 'bound and shrinking',
    old: claim(size('3Gi'), bound),
    object: claim(size('1Gi'), bound),
    want: ['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'],
  },
  { name: 'without a class, given one', old: claim(), object: claim({ storageClassName: 'fast' }), want: [] },
  {
    name: 'the annotation changes',
    old: claim({}, annotated('a')),
    object: claim({}, annotated('b')),
    want: [`metadata.annotations[${old}]: Invalid value: "b": field is immutable`],
  },
  {
    name: 'the annotation becomes the field',
    old: claim({}, annotated('a')),
    object: claim({ storageClassName: 'a' }),
    want: [],
  },
  {
    name: 'bound, its class of attributes taken away before the volume has it',
    old: claim({ ...size('1Gi'), volumeAttributesClassName: 'gold' }, bound),
    object: claim({ ...size('1Gi'), volumeAttributesClassName: '' }, bound),
    want: [],
  },
  {
    name: 'bound, its class of attributes taken away',
    old: claim({ ...size('1Gi'), volumeAttributesClassName: 'gold' }, golden),
    object: claim({ ...size('1Gi'), volumeAttributesClassName: '' }, golden),
    want: [
      'spec.volumeAttributesClassName: Forbidden: update to empty string is forbidden when status.currentVolumeAttributesClassName is not nil',
    ],
  },
  {
    name: 'bound, its class of attributes left out',
    old: claim({ ...size('1Gi'), volumeAttributesClassName: 'gold' }, golden),
    object: claim(size('1Gi'), golden),
    want: [
      'spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil',
    ],
  },
];

for (const { name, object, old, want } of rows)
  test(`a persistent volume claim is checked: ${name}`, () =>
    assert.deepEqual(complaintsAbout(persistentVolumeClaim, object, old), want));

test('a status is checked by name and amount', () => {
  const status = {
    capacity: { storage: '-1' },
    allocatedResourceStatuses: { storage: 'Later', cpu: 'NodeResizePending' },
    allocatedResources: { 'example.com/files': '-1' },
  };
  const draft = completed(persistentVolumeClaim, { ...claim(), status });
  const errors = persistentVolumeClaim.strategy.status!.validate!(draft, draft, writer());
  assert.deepEqual(
    errors.map(({ field, message }) => `${field}: ${message}`),
    [
      'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
      'status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
      'status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "storage"',
      'status.allocatedResources[example.com/files]: Invalid value: -1: must be a valid resource quantity',
    ],
  );
});

test('cells show what is there of a volume only when there is one', () => {
  const now = Date.parse('2030-01-01T00:00:10Z');
  const metadata = { name: 'it', namespace: 'default', creationTimestamp: '2030-01-01T00:00:00Z' };
  const cells = (object: object) => persistentVolumeClaim.columns!.cells(completed(persistentVolumeClaim, object), now);
  assert.deepEqual(cells(claim({}, { metadata })), [
    ...['it', 'Pending', '', '', '', '', '<unset>', '10s', 'Filesystem'],
  ]);
  const status = { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] };
  assert.deepEqual(cells(claim({ volumeName: 'pv', storageClassName: 'fast' }, { metadata, status })), [
    ...['it', 'Bound', 'pv', '1Gi', 'ROX,RWOP', 'fast', '<unset>', '10s', 'Filesystem'],
  ]);
});
