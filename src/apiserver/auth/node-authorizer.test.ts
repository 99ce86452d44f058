import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../apimachinery/object.ts';
import { testContext } from '../testing/context.ts';
import type { Attributes, UserInfo } from './auth.ts';
import { NodeAuthorizer } from './node-authorizer.ts';

const agent: UserInfo = { name: 'system:node:one', groups: ['system:nodes'] };

function pod(name: string, nodeName: string | undefined, spec: object = {}, metadata: object = {}): KubeObject {
  return {
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, ...metadata },
    spec: { containers: [{ name: 'c' }], ...(nodeName !== undefined && { nodeName }), ...spec },
  } as KubeObject;
}

const uses = (secret: string) => ({ volumes: [{ name: 'v', secret: { secretName: secret } }] });

const objects = [
  pod('web', 'one', {
    serviceAccountName: 'robot',
    imagePullSecrets: [{ name: 'pull' }],
    initContainers: [{ name: 'i', envFrom: [{ configMapRef: { name: 'environment' } }] }],
    containers: [{ name: 'c', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'password', key: 'a' } } }] }],
    volumes: [
      { name: 'v', projected: { sources: [{ configMap: { name: 'settings' } }] } },
      { name: 'd', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'e', persistentVolumeClaim: { claimName: 'thief' } },
    ],
  }),
  {
    kind: 'PersistentVolume',
    metadata: { name: 'disk' },
    spec: {
      claimRef: { namespace: 'default', name: 'data' },
      csi: { driver: 'd', volumeHandle: 'h', nodeStageSecretRef: { namespace: 'drivers', name: 'stage' } },
    },
  } as KubeObject,
  {
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: { volumeName: 'disk' },
  } as KubeObject,
  {
    kind: 'PersistentVolume',
    metadata: { name: 'other-disk' },
    spec: {
      claimRef: { namespace: 'default', name: 'other' },
      csi: { driver: 'd', volumeHandle: 'o', nodeStageSecretRef: { namespace: 'drivers', name: 'other-stage' } },
    },
  } as KubeObject,
  {
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'thief', namespace: 'default' },
    spec: { volumeName: 'other-disk' },
  } as KubeObject,
  { kind: 'VolumeAttachment', metadata: { name: 'here' }, spec: { nodeName: 'one' } } as KubeObject,
  { kind: 'VolumeAttachment', metadata: { name: 'there' }, spec: { nodeName: 'two' } } as KubeObject,
  { kind: 'ResourceSlice', metadata: { name: 'own' }, spec: { nodeName: 'one' } } as KubeObject,
  { kind: 'ResourceSlice', metadata: { name: 'others' }, spec: { nodeName: 'two' } } as KubeObject,
  pod('claiming', 'one', {
    resourceClaims: [
      { name: 'a', resourceClaimName: 'named' },
      { name: 'b', resourceClaimTemplateName: 't' },
    ],
  }),
  pod('far', 'two', uses('far-secret')),
  pod('pending', undefined, uses('pending-secret')),
  pod('mirror', 'one', uses('mirror-secret'), { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
];

const global = (group: string, resource: string, name: string) => ({ verb: 'get', group, resource, name }) as const;

interface Row {
  readonly name: string;
  readonly ask: Partial<Attributes>;
  readonly allowed: boolean;
  readonly reason?: string;
}

const get = (resource: string, name: string) => ({ verb: 'get', resource, name, namespace: 'default' });
const noRelation = "no relationship found between node 'one' and this object";

const slices = (verb: string, more: Partial<Attributes>) => ({
  verb,
  group: 'resource.k8s.io',
  resource: 'resourceslices',
  ...more,
});
const deviceClaim = (name: string) => ({ ...get('resourceclaims', name), group: 'resource.k8s.io' });

const rows: Row[] = [
  { name: 'a claim of devices that a pod names', ask: deviceClaim('named'), allowed: true },
  { name: 'a claim of devices that no pod names', ask: deviceClaim('other'), allowed: false, reason: noRelation },
  { name: 'a new slice', ask: slices('create', {}), allowed: true },
  { name: 'its own slice', ask: slices('update', { name: 'own' }), allowed: true },
  { name: 'the slice of another node', ask: slices('get', { name: 'others' }), allowed: false, reason: noRelation },
  {
    name: 'its own slices, by the node',
    ask: slices('deletecollection', { fieldSelector: 'spec.nodeName=one' }),
    allowed: true,
  },
  {
    name: 'all slices',
    ask: slices('list', {}),
    allowed: false,
    reason: 'can only list/watch/deletecollection resourceslices with nodeName field selector',
  },
  { name: 'a secret in the environment', ask: get('secrets', 'password'), allowed: true },
  { name: 'a secret of a volume', ask: { ...get('secrets', 'stage'), namespace: 'drivers' }, allowed: true },
  {
    name: 'a secret of a volume that is not of the claim that names it',
    ask: { ...get('secrets', 'other-stage'), namespace: 'drivers' },
    allowed: false,
    reason: noRelation,
  },
  { name: 'a namesake of a secret of a volume', ask: get('secrets', 'stage'), allowed: false, reason: noRelation },
  { name: 'a pull secret', ask: get('secrets', 'pull'), allowed: true },
  { name: 'a config map of a volume', ask: get('configmaps', 'settings'), allowed: true },
  { name: 'a config map of an init container', ask: get('configmaps', 'environment'), allowed: true },
  { name: 'a claim', ask: get('persistentvolumeclaims', 'data'), allowed: true },
  { name: 'the volume of a claim', ask: global('', 'persistentvolumes', 'disk'), allowed: true },
  { name: 'the volume of a claim of others', ask: global('', 'persistentvolumes', 'other-disk'), allowed: false },
  { name: 'a volume that is not there', ask: global('', 'persistentvolumes', 'none'), allowed: false },
  { name: 'what is attached here', ask: global('storage.k8s.io', 'volumeattachments', 'here'), allowed: true },
  { name: 'what is attached elsewhere', ask: global('storage.k8s.io', 'volumeattachments', 'there'), allowed: false },
  {
    name: 'a secret of the same name elsewhere',
    ask: { ...get('secrets', 'password'), namespace: 'x' },
    allowed: false,
  },
  { name: 'a secret of another node', ask: get('secrets', 'far-secret'), allowed: false, reason: noRelation },
  { name: 'a secret of a pod on no node', ask: get('secrets', 'pending-secret'), allowed: false },
  { name: 'a secret of a mirror pod', ask: get('secrets', 'mirror-secret'), allowed: false },
  {
    name: 'all secrets',
    ask: { verb: 'list', resource: 'secrets', namespace: 'default' },
    allowed: false,
    reason: 'No Object name found',
  },
  {
    name: 'a watch of one secret',
    ask: { verb: 'watch', resource: 'secrets', namespace: 'default', fieldSelector: 'metadata.name=password' },
    allowed: true,
  },
  { name: 'a change of a secret', ask: { ...get('secrets', 'password'), verb: 'update' }, allowed: false },
  {
    name: 'a token of an account in use',
    ask: { ...get('serviceaccounts', 'robot'), verb: 'create', subresource: 'token' },
    allowed: true,
  },
  {
    name: 'a token of another account',
    ask: { ...get('serviceaccounts', 'default'), verb: 'create', subresource: 'token' },
    allowed: false,
  },
  { name: 'its pods', ask: { verb: 'list', resource: 'pods', fieldSelector: 'spec.nodeName=one' }, allowed: true },
  {
    name: 'all pods',
    ask: { verb: 'list', resource: 'pods' },
    allowed: false,
    reason: 'can only list/watch pods with spec.nodeName field selector',
  },
  {
    name: 'pods that are not on one node',
    ask: { verb: 'list', resource: 'pods', fieldSelector: 'spec.nodeName!=one' },
    allowed: false,
  },
  {
    name: 'pods by a value that looks like a second term',
    ask: { verb: 'list', resource: 'pods', fieldSelector: 'metadata.name!=x\\,spec.nodeName=one' },
    allowed: false,
  },
  { name: 'a pod of its own', ask: get('pods', 'web'), allowed: true },
  { name: 'a pod of another node', ask: get('pods', 'far'), allowed: false },
  { name: 'the status of a pod', ask: { ...get('pods', 'web'), verb: 'patch', subresource: 'status' }, allowed: true },
  { name: 'a command in a pod', ask: { ...get('pods', 'web'), verb: 'create', subresource: 'exec' }, allowed: false },
  { name: 'its node', ask: { verb: 'get', resource: 'nodes', name: 'one' }, allowed: true },
  { name: 'another node', ask: { verb: 'get', resource: 'nodes', name: 'two' }, allowed: false },
  {
    name: 'a watch of its node',
    ask: { verb: 'watch', resource: 'nodes', fieldSelector: 'metadata.name=one' },
    allowed: true,
  },
  { name: 'all nodes', ask: { verb: 'list', resource: 'nodes' }, allowed: false },
  { name: 'the services', ask: { verb: 'watch', resource: 'services' }, allowed: true },
  {
    name: 'its lease',
    ask: {
      verb: 'update',
      group: 'coordination.k8s.io',
      resource: 'leases',
      name: 'one',
      namespace: 'kube-node-lease',
    },
    allowed: true,
  },
  {
    name: 'the lease of another node',
    ask: {
      verb: 'update',
      group: 'coordination.k8s.io',
      resource: 'leases',
      name: 'two',
      namespace: 'kube-node-lease',
    },
    allowed: false,
  },
  {
    name: 'a leader lease',
    ask: { verb: 'get', group: 'coordination.k8s.io', resource: 'leases', name: 'one', namespace: 'kube-system' },
    allowed: false,
  },
];

for (const { name, ask, allowed, reason } of rows)
  test(`an agent ${allowed ? 'may' : 'may not'} have ${name}`, () => {
    const decision = new NodeAuthorizer(testContext({ objects }).context).authorize({
      user: agent,
      group: '',
      verb: 'get',
      ...ask,
    });
    assert.equal(decision.allowed, allowed);
    if (reason !== undefined) assert.equal(decision.reason, reason);
  });

test('the rights go with the last pod that needs them', () => {
  const { context, put, remove } = testContext({ objects: [pod('a', 'one', uses('s'))] });
  const authorizer = new NodeAuthorizer(context);
  const may = () => authorizer.authorize({ user: agent, group: '', ...get('secrets', 's') }).allowed;
  assert.equal(may(), true);
  put(pod('b', undefined, uses('s')));
  put(pod('b', 'one', uses('s')));
  remove('Pod', 'default/a');
  assert.equal(may(), true);
  remove('Pod', 'default/b');
  assert.equal(may(), false);
});

test('others are none of its business', () => {
  const authorizer = new NodeAuthorizer(testContext({ objects }).context);
  for (const user of [
    { name: 'system:node:one', groups: ['system:authenticated'] },
    { name: 'jane', groups: ['system:nodes'] },
  ])
    assert.equal(authorizer.authorize({ user, group: '', ...get('secrets', 'password') }).allowed, false);
});
