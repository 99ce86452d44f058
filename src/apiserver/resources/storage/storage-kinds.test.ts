import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complaintsAbout, completed, writer } from '../../testing/definition.ts';
import { csiDriver } from './csi-driver.ts';
import { csiNode } from './csi-node.ts';
import { csiStorageCapacity } from './csi-storage-capacity.ts';
import { storageClass } from './storage-class.ts';
import { volumeAttachment } from './volume-attachment.ts';
import { volumeAttributesClass } from './volume-attributes-class.ts';

interface Row {
  readonly name: string;
  readonly kind: ResourceDefinition<any>;
  readonly object: object;
  readonly old?: object;
  readonly want: readonly string[];
}

const zones = (...values: string[]) => ({ matchLabelExpressions: [{ key: 'zone', values }] });
const classOf = (more: object) => ({ provisioner: 'example.com/disks', ...more });
const driver = (more: object = {}) => ({ name: 'a.b', nodeID: 'id', ...more });
const attachment = (spec: object = {}, status?: object) => ({
  spec: { attacher: 'a.b', nodeName: 'n', source: { persistentVolumeName: 'pv' }, ...spec },
  ...(status && { status }),
});
const inline = (spec: object) =>
  attachment({ source: { inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], ...spec } } });
const handle = { driver: 'a.b', volumeHandle: 'h' };

const rows: Row[] = [
  {
    name: 'topologies twice, and without values',
    kind: storageClass,
    object: classOf({ allowedTopologies: [zones('a', 'b'), zones('b', 'a'), zones(), {}] }),
    want: [
      'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
      'allowedTopologies[2].matchLabelExpressions[0].values: Required value',
      'allowedTopologies[3].matchLabelExpressions: Duplicate value: ""',
    ],
  },
  {
    name: 'what a class promised changes',
    kind: storageClass,
    old: classOf({}),
    object: classOf({ provisioner: 'other', parameters: { a: 'b' }, reclaimPolicy: 'Retain' }),
    want: [
      'parameters: Invalid value: {"a":"b"}: field is immutable',
      'provisioner: Invalid value: "other": field is immutable',
      'reclaimPolicy: Invalid value: "Retain": field is immutable',
    ],
  },
  {
    name: 'too many parameters',
    kind: storageClass,
    object: classOf({ parameters: Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`p${i}`, ''])) }),
    want: ['parameters: Too long: may not be more than 512 bytes'],
  },
  {
    name: 'of attributes, of another driver',
    kind: volumeAttributesClass,
    old: { driverName: 'a', parameters: { a: 'b' } },
    object: { driverName: 'b', parameters: { a: 'b' } },
    want: ['driverName: Forbidden: updates to driverName are forbidden.'],
  },
  {
    name: 'topologies whose values were left out',
    kind: storageClass,
    object: classOf({ allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: null }] }] }),
    want: ['allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
  },
  {
    name: 'tokens in secrets, and none asked for',
    kind: csiDriver,
    object: { spec: { serviceAccountTokenInSecrets: true } },
    want: [
      'spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
    ],
  },
  {
    name: 'without anything',
    kind: volumeAttachment,
    object: { spec: { nodeName: 'n' } },
    want: [
      'spec.attacher: Required value',
      'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
    ],
  },
  {
    name: 'tokens for the same audience, and short ones',
    kind: csiDriver,
    object: { spec: { tokenRequests: [{ audience: 'a', expirationSeconds: 1 }, { audience: 'a' }] } },
    want: [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
    ],
  },
  {
    name: 'an unnamed driver with the same key twice',
    kind: csiNode,
    object: { spec: { drivers: [{ name: '', nodeID: '', topologyKeys: ['a', 'a'], allocatable: { count: -1 } }] } },
    want: [
      'spec.drivers[0].name: Required value',
      'spec.drivers[0].nodeID: Required value',
      'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
      'spec.drivers[0]: Duplicate value: "a"',
    ],
  },
  {
    name: 'a driver that moves, and has more room',
    kind: csiNode,
    old: { spec: { drivers: [driver()] } },
    object: { spec: { drivers: [driver({ nodeID: 'other', allocatable: { count: 3 } })] } },
    want: [
      'spec.drivers: Invalid value: {"Name":"a.b","NodeID":"other","TopologyKeys":null,"Allocatable":null}: field is immutable',
    ],
  },
  {
    name: 'more room on a node',
    kind: csiNode,
    old: { spec: { drivers: [driver()] } },
    object: { spec: { drivers: [driver({ allocatable: { count: 3 } })] } },
    want: [],
  },
  {
    name: 'room of another class elsewhere',
    kind: csiStorageCapacity,
    old: { storageClassName: 'a' },
    object: { storageClassName: 'b', nodeTopology: { matchLabels: { zone: 'a' } } },
    want: [
      'nodeTopology: Invalid value: {"matchLabels":{"zone":"a"}}: field is immutable',
      'storageClassName: Invalid value: "b": field is immutable',
    ],
  },
  {
    name: 'attached elsewhere',
    kind: volumeAttachment,
    old: attachment(),
    object: attachment({ nodeName: 'm' }),
    want: [
      'spec: Invalid value: {"Attacher":"a.b","Source":{"PersistentVolumeName":"pv","InlineVolumeSpec":null},"NodeName":"m"}: field is immutable',
    ],
  },
  { name: 'attached as part of a pod', kind: volumeAttachment, object: inline({ csi: handle }), want: [] },
  {
    name: 'attached as part of a pod, with what belongs to objects',
    kind: volumeAttachment,
    object: inline({ capacity: { storage: '1' }, storageClassName: 'a', hostPath: { path: '/a' } }),
    want: [
      'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes',
    ],
  },
];

for (const { name, kind, object, old, want } of rows)
  test(`${kind.type.kind} is checked: ${name}`, () =>
    assert.deepEqual([...new Set(complaintsAbout(kind, object, old))], want));

test('a driver with tokens that may be logged is warned of, once for each change of them', () => {
  const made = (spec: object) => completed(csiDriver, { spec }) as never;
  const warnings = (now: never, old?: never) => csiDriver.strategy.warnings!(now, old).length;
  const asking = made({ tokenRequests: [{ audience: 'a' }] });
  assert.deepEqual([warnings(asking), warnings(asking, asking), warnings(asking, made({}))], [1, 0, 1]);
  assert.equal(warnings(made({ tokenRequests: [{ audience: 'a' }], serviceAccountTokenInSecrets: false })), 0);
});

test('what a driver reports of an attachment is bounded', () => {
  const draft = completed(
    volumeAttachment,
    attachment({}, { attached: false, attachError: { message: 'x'.repeat(1025), errorCode: -1 } }),
  );
  assert.deepEqual(
    volumeAttachment.strategy.status!.validate!(draft, draft, writer()).map(
      ({ field, message }) => `${field}: ${message}`,
    ),
    [
      'status.attachError.message: Too long: may not be more than 262144 bytes',
      'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
  );
});

test('the default class says so in tables', () => {
  const metadata = { name: 'it', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };
  const draft = completed(storageClass, classOf({ metadata }));
  assert.equal(storageClass.columns!.cells(draft, 0)[0], 'it (default)');
});
