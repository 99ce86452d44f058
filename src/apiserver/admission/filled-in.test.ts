import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  type Node,
  type PersistentVolumeClaim,
  type Pod,
} from '../../api/core/v1/types.ts';
import { Ingresses, type Ingress } from '../../api/networking/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { admitted, podWith, type Ask } from './testing/admitted.ts';

test('a pod gets an account, a token, a priority and patience', async () => {
  const { spec } = (await admitted(Pods, podWith({ initContainers: [{ name: 'i' }] }))) as Pod;
  const [volume] = spec.volumes!;
  assert.match(volume!.name, /^kube-api-access-[a-z0-9]{5}$/);
  assert.deepEqual(volume!.projected!.sources![0], { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } });
  const mount = { name: volume!.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
  assert.deepEqual(spec.containers[0]!.volumeMounts, [mount]);
  assert.deepEqual(spec.initContainers![0]!.volumeMounts, [mount]);
  assert.equal(spec.serviceAccountName, 'default');
  assert.equal(spec.serviceAccount, 'default');
  assert.equal(spec.priority, 0);
  assert.equal(spec.preemptionPolicy, 'PreemptLowerPriority');
  const exists = { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
  assert.deepEqual(spec.tolerations, [
    { key: 'node.kubernetes.io/not-ready', ...exists },
    { key: 'node.kubernetes.io/unreachable', ...exists },
  ]);
});

test('an account can keep its token back and bring pull secrets', async () => {
  const { spec } = (await admitted(Pods, podWith({ serviceAccountName: 'quiet', priorityClassName: 'high' }))) as Pod;
  assert.equal(spec.volumes, undefined);
  assert.deepEqual(spec.imagePullSecrets, [{ name: 'reg' }]);
  assert.deepEqual([spec.priority, spec.preemptionPolicy], [100, 'Never']);
});

test('a pod of a runtime class takes over its cost and its place', async () => {
  const { spec } = (await admitted(Pods, podWith({ runtimeClassName: 'sandbox', overhead: { cpu: '0.01' } }))) as Pod;
  assert.deepEqual(spec.overhead, { cpu: '10m' });
  assert.deepEqual(spec.nodeSelector, { sandbox: 'yes' });
  assert.deepEqual(spec.tolerations!.at(-1), { key: 'sandbox', operator: 'Exists' });
});

test('a pod of a runtime class may say that it costs nothing more', async () => {
  const { spec } = (await admitted(Pods, podWith({ runtimeClassName: 'sandbox', overhead: {} }))) as Pod;
  assert.deepEqual(spec.overhead, { cpu: '10m' });
});

test('a container that mounts something else at the path keeps it', async () => {
  const volumeMounts = [{ name: 'mine', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }];
  const { spec } = (await admitted(Pods, podWith({ containers: [{ name: 'c', volumeMounts }] }))) as Pod;
  assert.equal(spec.volumes, undefined);
  assert.deepEqual(spec.containers[0]!.volumeMounts, volumeMounts);
});

test('a pod that tolerates everything needs no more tolerations', async () => {
  const { spec } = (await admitted(Pods, podWith({ tolerations: [{ operator: 'Exists' }] }))) as Pod;
  assert.deepEqual(spec.tolerations, [{ operator: 'Exists' }]);
});

test('a new node takes no pods before it is ready', async () => {
  const node = (await admitted(Nodes, { object: { spec: {} } })) as Node;
  assert.deepEqual(node.spec!.taints, [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
});

test('an ingress gets the newest default class', async () => {
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
  const more = [
    {
      kind: 'IngressClass',
      metadata: { name: 'old', annotations, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: {},
    },
    {
      kind: 'IngressClass',
      metadata: { name: 'new', annotations, creationTimestamp: '2026-02-01T00:00:00Z' },
      spec: {},
    },
    { kind: 'IngressClass', metadata: { name: 'newest', creationTimestamp: '2026-03-01T00:00:00Z' }, spec: {} },
  ];
  const classOf = async (spec: object) =>
    ((await admitted(Ingresses, { object: { spec }, more })) as Ingress).spec.ingressClassName;
  assert.equal(await classOf({}), 'new');
  assert.equal(await classOf({ ingressClassName: 'mine' }), 'mine');
});

test('a claim gets the newest default class, and both it and its volume a finalizer', async () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const classOf = (name: string, month: number) => ({
    kind: 'StorageClass',
    metadata: { name, annotations, creationTimestamp: `2026-0${month}-01T00:00:00Z` },
  });
  const more = [classOf('old', 1), classOf('new', 2)];
  const claim = async (object: object) =>
    (await admitted(PersistentVolumeClaims, { object: { spec: {}, ...object }, more })) as PersistentVolumeClaim;
  const { metadata, spec } = await claim({});
  assert.deepEqual([spec.storageClassName, metadata.finalizers], ['new', ['kubernetes.io/pvc-protection']]);
  assert.equal((await claim({ spec: { storageClassName: '' } })).spec.storageClassName, '');
  const named = { name: 'it', namespace: 'default', annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } };
  assert.equal((await claim({ metadata: named })).spec.storageClassName, undefined);
  const volume = (await admitted(PersistentVolumes, { object: {} })) as KubeObject;
  assert.deepEqual(volume.metadata.finalizers, ['kubernetes.io/pv-protection']);
});

const growing = (phase: string, storageClassName: string) => {
  const claim = (storage: string) => ({
    spec: { storageClassName, resources: { requests: { storage } } },
    status: { phase },
  });
  const more = [
    { kind: 'StorageClass', metadata: { name: 'stretches' }, allowVolumeExpansion: true },
    { kind: 'StorageClass', metadata: { name: 'stiff' } },
  ];
  return { operation: 'UPDATE', object: claim('2Gi'), old: claim('1Gi'), more } as const;
};
const resizes: { name: string; ask: Ask; want: RegExp | undefined }[] = [
  { name: 'of a class that allows it', ask: growing('Bound', 'stretches'), want: undefined },
  {
    name: 'before it is bound',
    ask: growing('Pending', 'stretches'),
    want: /Only bound persistent volume claims can be/,
  },
  {
    name: 'of a class that does not',
    ask: growing('Bound', 'stiff'),
    want: /the storageclass that provisions the pvc/,
  },
  { name: 'of no class', ask: growing('Bound', ''), want: /only dynamically provisioned pvc can be resized/ },
];
for (const { name, ask, want } of resizes)
  test(`a claim grows ${name}${want ? ', which is refused' : ''}`, async () => {
    const answer = await admitted(PersistentVolumeClaims, ask);
    if (want === undefined) assert.equal(typeof answer, 'object');
    else assert.match(String(answer), want);
  });
