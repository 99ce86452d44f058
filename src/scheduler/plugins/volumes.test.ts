import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
} from '../../api/storage/v1/types.ts';
import { podInfo } from '../framework/pod-info.ts';
import type { Rejection } from '../framework/plugin.ts';
import { makeCluster, makeNode, makePod, type PodParts } from '../testing/objects.ts';
import { verdicts } from '../testing/verdicts.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

const done = { 'pv.kubernetes.io/bind-completed': 'yes' };
const selected = (node: string) => ({ 'volume.kubernetes.io/selected-node': node });

function claim(name: string, spec: object = {}, more: object = {}): PersistentVolumeClaim {
  return {
    metadata: { name, namespace: 'default', uid: `uid-${name}`, ...more },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '2Gi' } },
      storageClassName: 'late',
      ...spec,
    },
  };
}

function volume(name: string, node: string, spec: object = {}, labels: Record<string, string> = {}): PersistentVolume {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In' as const, values: [node] }];
  return {
    metadata: { name, labels },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '2Gi' },
      storageClassName: 'late',
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
      ...spec,
    },
    status: { phase: 'Available' },
  };
}

const classes = [
  { metadata: { name: 'late' }, provisioner: 'example.com/disks', volumeBindingMode: 'WaitForFirstConsumer' },
  { metadata: { name: 'now' }, provisioner: 'example.com/disks', volumeBindingMode: 'Immediate' },
  {
    metadata: { name: 'manual' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
  {
    metadata: { name: 'zoned' },
    provisioner: 'example.com/disks',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['z1'] }] }],
  },
  { metadata: { name: 'counted' }, provisioner: 'counted.example.com', volumeBindingMode: 'WaitForFirstConsumer' },
] as StorageClass[];

const using = (...names: string[]): PodParts => ({
  spec: { volumes: names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })) },
});

interface World {
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes?: readonly PersistentVolume[];
  readonly capacities?: readonly Partial<CSIStorageCapacity>[];
  readonly pods?: Parameters<typeof makeCluster>[1];
}

/** Two nodes, `a` in the zone z1 and `b` in z2. */
function world({ claims = [], volumes = [], capacities = [], pods = {} }: World) {
  const zone = (name: string) => ({ zone: name, 'topology.kubernetes.io/zone': name });
  const nodes = [makeNode('a', { labels: zone('z1') }), makeNode('b', { labels: zone('z2') })];
  const cluster = makeCluster(nodes, pods);
  const { storage } = cluster;
  for (const one of classes) storage.classes.set(one.metadata.name, one);
  for (const one of claims) storage.claims.set(`default/${one.metadata.name}`, one);
  for (const one of volumes) storage.setVolume(one);
  const driver = { metadata: { name: 'counted.example.com' }, spec: { storageCapacity: true } } as CSIDriver;
  storage.drivers.set(driver.metadata.name, driver);
  capacities.forEach((one, i) => storage.capacities.set(`default/${i}`, one as CSIStorageCapacity));
  return cluster;
}

const none = "node(s) didn't find available persistent volumes to bind";
const far = "node(s) didn't match PersistentVolume's node affinity";
const full = 'node(s) did not have enough free storage';
const counted = (zone: string, capacity: string) => ({
  storageClassName: 'counted',
  capacity,
  nodeTopology: { matchLabels: { zone } },
});

const rows: { name: string; pod: PodParts; world: World; want: Record<string, string> }[] = [
  { name: 'without claims goes anywhere', pod: {}, world: {}, want: { a: 'fits', b: 'fits' } },
  {
    name: 'goes where its volume is',
    pod: using('data'),
    world: { claims: [claim('data', { volumeName: 'v' }, { annotations: done })], volumes: [volume('v', 'b')] },
    want: { a: far, b: 'fits' },
  },
  {
    name: 'takes a free volume, or has one made',
    pod: using('data'),
    world: { claims: [claim('data')], volumes: [volume('v', 'b')] },
    want: { a: 'fits', b: 'fits' },
  },
  {
    name: 'takes a free volume where none can be made',
    pod: using('data'),
    world: {
      claims: [claim('data', { storageClassName: 'manual' })],
      volumes: [volume('v', 'b', { storageClassName: 'manual' })],
    },
    want: { a: none, b: 'fits' },
  },
  {
    name: 'needs two volumes, and there is one',
    pod: using('data', 'log'),
    world: {
      claims: [claim('data', { storageClassName: 'manual' }), claim('log', { storageClassName: 'manual' })],
      volumes: [volume('v', 'b', { storageClassName: 'manual' })],
    },
    want: { a: none, b: none },
  },
  {
    name: 'goes where its class makes volumes',
    pod: using('data'),
    world: { claims: [claim('data', { storageClassName: 'zoned' })] },
    want: { a: 'fits', b: none },
  },
  {
    name: 'goes where there is room',
    pod: using('data'),
    world: {
      claims: [claim('data', { storageClassName: 'counted' })],
      capacities: [counted('z1', '1Gi'), counted('z2', '3Gi')],
    },
    want: { a: full, b: 'fits' },
  },
  {
    name: 'stays with the node that was chosen before',
    pod: using('data'),
    world: { claims: [claim('data', {}, { annotations: selected('b') })] },
    want: { a: none, b: 'fits' },
  },
  {
    name: 'whose volume is gone',
    pod: using('data'),
    world: { claims: [claim('data', { volumeName: 'v' }, { annotations: done })] },
    want: Object.fromEntries(
      ['a', 'b'].map((node) => [node, 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)']),
    ),
  },
];
for (const { name, pod, world: of, want } of rows)
  test(`VolumeBinding: a pod ${name}`, () => assert.deepEqual(verdicts(volumeBinding, pod, world(of)), want));

const hopeless: { name: string; pod: PodParts; claims: readonly PersistentVolumeClaim[]; want: string }[] = [
  { name: 'not there', pod: using('data'), claims: [], want: 'persistentvolumeclaim "data" not found' },
  {
    name: 'not made yet for the pod',
    pod: { name: 'web', spec: { volumes: [{ name: 'tmp', ephemeral: {} }] } },
    claims: [],
    want: 'waiting for ephemeral volume controller to create the persistentvolumeclaim "web-tmp"',
  },
  {
    name: 'made for another pod of the name',
    pod: { name: 'web', spec: { volumes: [{ name: 'tmp', ephemeral: {} }] } },
    claims: [claim('web-tmp')],
    want: 'PVC default/web-tmp was not created for pod default/web (pod is not owner)',
  },
  {
    name: 'lost',
    pod: using('data'),
    claims: [{ ...claim('data', { volumeName: 'v' }), status: { phase: 'Lost' } }],
    want: 'persistentvolumeclaim "data" bound to non-existent persistentvolume "v"',
  },
  {
    name: 'going',
    pod: using('data'),
    claims: [claim('data', {}, { deletionTimestamp: '2030-01-01T00:00:00Z' })],
    want: 'persistentvolumeclaim "data" is being deleted',
  },
  {
    name: 'not bound, and for the controller to bind',
    pod: using('data'),
    claims: [claim('data', { storageClassName: 'now' })],
    want: 'pod has unbound immediate PersistentVolumeClaims',
  },
];
for (const { name, pod, claims, want } of hopeless)
  test(`VolumeBinding: a pod goes nowhere with a claim that is ${name}`, () => {
    const state = volumeBinding.filter!.prepare(podInfo(makePod(pod)), world({ claims })) as Rejection;
    assert.deepEqual([state.reasons, state.evictionMayHelp], [[want], false]);
  });

test('VolumeZone: a pod goes to the zone of its volume', () => {
  const labels = { 'failure-domain.beta.kubernetes.io/zone': 'z2__z3' };
  const cluster = world({
    claims: [claim('data', { volumeName: 'v' }, { annotations: done })],
    volumes: [volume('v', 'b', {}, labels)],
  });
  assert.deepEqual(verdicts(volumeZone, using('data'), cluster), {
    a: 'node(s) had no available volume zone',
    b: 'fits',
  });
  assert.deepEqual(verdicts(volumeZone, {}, cluster), { a: 'fits', b: 'fits' });
});

test('VolumeRestrictions: a claim for one pod alone is for one pod in the whole cluster', () => {
  const claims = [claim('data', { accessModes: ['ReadWriteOncePod'] })];
  const taken = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode +';
  const cluster = world({ claims, pods: { a: [using('data')] } });
  assert.deepEqual(verdicts(volumeRestrictions, using('data'), cluster), { a: taken, b: taken });
  assert.deepEqual(verdicts(volumeRestrictions, using('data'), world({ claims })), { a: 'fits', b: 'fits' });
  cluster.removePod('default/a-0');
  assert.deepEqual(verdicts(volumeRestrictions, using('data'), cluster), { a: 'fits', b: 'fits' });
});

/** The node `a` takes two volumes of the driver; its pod has `one`. */
function limited(names: readonly string[]) {
  const driver = 'disks.example.com';
  const bound = (name: string) => claim(name, { volumeName: `v-${name}` }, { annotations: done });
  const cluster = world({
    claims: [...names.map(bound), claim('unbound', { storageClassName: 'csi' })],
    volumes: names.map((name) => volume(`v-${name}`, 'a', { csi: { driver, volumeHandle: name } })),
    pods: { a: [using('one')] },
  });
  const csiNode = {
    metadata: { name: 'a' },
    spec: { drivers: [{ name: driver, nodeID: 'a', allocatable: { count: 2 } }] },
  };
  cluster.storage.csiNodes.set('a', csiNode as CSINode);
  cluster.storage.classes.set('csi', { metadata: { name: 'csi' }, provisioner: driver } as StorageClass);
  return cluster;
}
const exceeded = 'node(s) exceed max volume count +';

const limits: { name: string; pod: PodParts; a: string }[] = [
  { name: 'one more volume', pod: using('two'), a: 'fits' },
  { name: 'two more', pod: using('two', 'three'), a: exceeded },
  { name: 'one that is there, and one more', pod: using('one', 'two'), a: 'fits' },
  { name: 'one that is to be made', pod: using('unbound'), a: 'fits' },
  { name: 'one more and one that is to be made', pod: using('two', 'unbound'), a: exceeded },
];
for (const { name, pod, a } of limits)
  test(`NodeVolumeLimits: a node that takes two is asked for ${name}`, () =>
    assert.deepEqual(verdicts(nodeVolumeLimits, pod, limited(['one', 'two', 'three'])), { a, b: 'fits' }));

test('NodeVolumeLimits: what is attached counts, once, until it is detached', () => {
  const cluster = limited(['one', 'two', 'three']);
  const { storage } = cluster;
  const attachment = (name: string, nodeName = 'a') => {
    const spec = { attacher: 'x', nodeName, source: { persistentVolumeName: `v-${name}` } };
    return { metadata: { name: `${name}-${nodeName}` }, spec } as VolumeAttachment;
  };
  storage.setAttachment(attachment('one'));
  storage.setAttachment(attachment('three', 'b'));
  assert.equal(verdicts(nodeVolumeLimits, using('two'), cluster)['a'], 'fits');
  storage.setAttachment(attachment('three'));
  assert.equal(verdicts(nodeVolumeLimits, using('two'), cluster)['a'], exceeded);
  storage.removeAttachment(attachment('three'));
  assert.equal(verdicts(nodeVolumeLimits, using('two'), cluster)['a'], 'fits');
});

test('NodeVolumeLimits: a pod waits for volumes that go, not for claims of others', () => {
  const cluster = limited(['one', 'two']);
  const waiting = podInfo(makePod(using('two')));
  const from = cluster.node('a');
  const asks = (change: Parameters<NonNullable<typeof nodeVolumeLimits.mayHelp>>[1]) =>
    nodeVolumeLimits.mayHelp!(waiting, change, cluster);
  assert.equal(asks({ type: 'pod-removed', pod: podInfo(makePod(using('one'))), from }), true);
  assert.equal(asks({ type: 'pod-removed', pod: podInfo(makePod({})), from }), false);
  assert.equal(asks({ type: 'storage-changed' }), true);
  assert.equal(asks({ type: 'storage-changed', claim: { namespace: 'default', name: 'two' } }), true);
  assert.equal(asks({ type: 'storage-changed', claim: { namespace: 'default', name: 'one' } }), false);
});
