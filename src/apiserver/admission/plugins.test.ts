import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfigMaps,
  Namespaces,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  type Node,
  type PersistentVolumeClaim,
  type Pod,
} from '../../api/core/v1/types.ts';
import { Leases } from '../../api/coordination/v1/types.ts';
import { Ingresses, type Ingress } from '../../api/networking/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles, RoleBindings, Roles } from '../../api/rbac/v1/types.ts';
import { PriorityClasses } from '../../api/scheduling/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { UserInfo } from '../auth/auth.ts';
import { RoleBasedAuthorizer } from '../auth/rbac.ts';
import { testContext } from '../testing/context.ts';
import type { AdmissionRequest } from './admission.ts';
import { admissionPhases } from './phases.ts';
import { emptyCatalog } from '../catalog/catalog.ts';
import { Catalogs } from '../catalog/catalogs.ts';
import { ObjectVersions } from './object-versions.ts';
import { AdmissionPolicies } from './policies/admission-policies.ts';
import { WebhookMetrics } from '../http/webhook-metrics.ts';
import { AdmissionWebhooks } from './webhooks/webhooks.ts';
import { admissionPlugins } from './plugins.ts';

const admin: UserInfo = { name: 'admin', groups: ['system:masters'] };
const jane: UserInfo = { name: 'jane', groups: ['devs'] };
const agent: UserInfo = { name: 'system:node:one', groups: ['system:nodes'] };

const furniture = [
  {
    kind: 'RuntimeClass',
    metadata: { name: 'sandbox' },
    handler: 'gvisor',
    overhead: { podFixed: { cpu: '10m' } },
    scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
  },
  { kind: 'Namespace', metadata: { name: 'default' }, status: { phase: 'Active' } },
  { kind: 'Namespace', metadata: { name: 'ending' }, status: { phase: 'Terminating' } },
  { kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } },
  {
    kind: 'ServiceAccount',
    metadata: { name: 'quiet', namespace: 'default' },
    automountServiceAccountToken: false,
    imagePullSecrets: [{ name: 'reg' }],
  },
  { kind: 'PriorityClass', metadata: { name: 'high' }, value: 100, preemptionPolicy: 'Never' },
  {
    kind: 'ClusterRole',
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  },
  { kind: 'ClusterRole', metadata: { name: 'all' }, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
  {
    kind: 'ClusterRoleBinding',
    metadata: { name: 'b' },
    roleRef: { kind: 'ClusterRole', name: 'reader' },
    subjects: [{ kind: 'User', name: 'jane' }],
  },
  { kind: 'Pod', metadata: { name: 'mine', namespace: 'default' }, spec: { nodeName: 'one', containers: [] } },
  { kind: 'Pod', metadata: { name: 'far', namespace: 'default' }, spec: { nodeName: 'two', containers: [] } },
] as unknown as KubeObject[];

interface Ask extends Partial<Omit<AdmissionRequest, 'object' | 'old'>> {
  readonly object?: object;
  readonly old?: object;
  readonly more?: readonly object[];
}

/** Runs all plugins and answers the object, or the text of the refusal. */
async function admitted<T extends KubeObject>(type: ResourceType<T>, ask: Ask): Promise<T | string> {
  const { more = [], object, old, ...rest } = ask;
  const { context } = testContext({ objects: [...furniture, ...(more as KubeObject[])] });
  const roles = new RoleBasedAuthorizer(context);
  const namespace = type.namespaced ? { namespace: 'default' } : {};
  const complete = (one: object) => structuredClone({ metadata: { name: 'it', ...namespace }, ...one }) as unknown as T;
  const request: AdmissionRequest = {
    operation: 'CREATE',
    type,
    name: 'it',
    user: admin,
    dryRun: false,
    warn() {},
    annotate() {},
    ...namespace,
    ...rest,
    ...(object && { object: complete(object) }),
    ...(old && { old: complete(old) }),
  };
  try {
    const versions = new ObjectVersions(new Catalogs(emptyCatalog()));
    const phases = admissionPhases(
      admissionPlugins({
        authorizer: roles,
        roles,
        writeQuota: async () => {},
        webhooks: new AdmissionWebhooks(versions, { context, authorizer: roles, metrics: new WebhookMetrics() }),
        policies: new AdmissionPolicies(context, versions, roles),
        versions,
      }),
      context,
      request,
    );
    await phases.guard((await phases.mutate()) as T);
    await phases.validate();
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
  return request.object as T;
}

const podWith = (spec: object) => ({ object: { spec: { containers: [{ name: 'c' }], ...spec } } });
const rule = (...verbs: string[]) => ({ rules: [{ apiGroups: [''], resources: ['pods'], verbs }] });
const label = (key: string) => ({ metadata: { name: 'one', labels: { [key]: 'x' } } });
const lacking =
  'is forbidden: user "jane" (groups=["devs"]) is attempting to grant RBAC permissions not currently held:\n';

const refusals: { name: string; type: ResourceType<any>; ask: Ask; want: string }[] = [
  {
    name: 'in a namespace that is not there',
    type: ConfigMaps,
    ask: { namespace: 'none', object: {} },
    want: 'namespaces "none" not found',
  },
  {
    name: 'in a namespace that ends',
    type: ConfigMaps,
    ask: { namespace: 'ending', object: {} },
    want: 'configmaps "it" is forbidden: unable to create new content in namespace ending because it is being terminated',
  },
  {
    name: 'the end of a namespace of the cluster',
    type: Namespaces,
    ask: { operation: 'DELETE', name: 'kube-system' },
    want: 'namespaces "kube-system" is forbidden: this namespace may not be deleted',
  },
  {
    name: 'an account that is not there',
    type: Pods,
    ask: podWith({ serviceAccountName: 'none' }),
    want: 'pods "it" is forbidden: error looking up service account default/none: serviceaccount "none" not found',
  },
  {
    name: 'a class that is not there',
    type: Pods,
    ask: podWith({ priorityClassName: 'none' }),
    want: 'pods "it" is forbidden: no PriorityClass with name none was found',
  },
  {
    name: 'another priority than that of the class',
    type: Pods,
    ask: podWith({ priorityClassName: 'high', priority: 3 }),
    want: 'pods "it" is forbidden: the integer value of priority (3) must not be provided in pod spec; priority admission controller computed 100 from the given PriorityClass name',
  },
  {
    name: 'a second default class',
    type: PriorityClasses,
    ask: {
      object: { globalDefault: true },
      more: [{ kind: 'PriorityClass', metadata: { name: 'normal' }, globalDefault: true }],
    },
    want: 'priorityclasses.scheduling.k8s.io "it" is forbidden: PriorityClass normal is already marked as default. Only one default can exist',
  },
  {
    name: 'a runtime class that is not there',
    type: Pods,
    ask: podWith({ runtimeClassName: 'none' }),
    want: 'pods "it" is forbidden: pod rejected: RuntimeClass "none" not found',
  },
  {
    name: 'another overhead than that of the class',
    type: Pods,
    ask: podWith({ runtimeClassName: 'sandbox', overhead: { cpu: '1' } }),
    want: `pods "it" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead`,
  },
  {
    name: 'an overhead without a class',
    type: Pods,
    ask: podWith({ overhead: { cpu: '1' } }),
    want: 'pods "it" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  },
  {
    name: 'a selector against that of the class',
    type: Pods,
    ask: podWith({ runtimeClassName: 'sandbox', nodeSelector: { sandbox: 'no' } }),
    want: 'pods "it" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no',
  },
  {
    name: 'rights that one does not have, in a role',
    type: Roles,
    ask: { user: jane, object: rule('get', 'list') },
    want: `roles.rbac.authorization.k8s.io "it" ${lacking}{APIGroups:[""], Resources:["pods"], Verbs:["list"]}`,
  },
  {
    name: 'a role with rights that one does not have',
    type: RoleBindings,
    ask: { user: jane, object: { roleRef: { kind: 'ClusterRole', name: 'all' } } },
    want: `rolebindings.rbac.authorization.k8s.io "it" ${lacking}{APIGroups:["*"], Resources:["*"], Verbs:["*"]}`,
  },
  {
    name: 'a role that is not there yet, bound by somebody who may not bind',
    type: ClusterRoleBindings,
    ask: { user: jane, object: { roleRef: { kind: 'ClusterRole', name: 'none' } } },
    want: 'clusterroles.rbac.authorization.k8s.io "none" not found',
  },
  {
    name: 'aggregation of what others may put in',
    type: ClusterRoles,
    ask: { user: jane, object: { aggregationRule: { clusterRoleSelectors: [{}] } } },
    want: 'clusterroles.rbac.authorization.k8s.io "it" is forbidden: must have cluster-admin privileges to use the aggregationRule',
  },
  {
    name: 'a pod from an agent',
    type: Pods,
    ask: { user: agent, ...podWith({ nodeName: 'one' }) },
    want: 'pods "it" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "one" can only create mirror pods',
  },
  {
    name: 'a mirror pod with a secret',
    type: Pods,
    ask: {
      user: agent,
      object: {
        metadata: { name: 'it', namespace: 'default', annotations: { 'kubernetes.io/config.mirror': 'x' } },
        spec: { nodeName: 'one', containers: [], volumes: [{ name: 'v', secret: { secretName: 's' } }] },
      },
    },
    want: 'pods "it" is forbidden: a mirror pod may not reference secrets',
  },
  {
    name: 'deletion of a pod of another node by an agent',
    type: Pods,
    ask: { user: agent, operation: 'DELETE', name: 'far' },
    want: 'pods "far" is forbidden: node "one" can only delete pods with spec.nodeName set to itself',
  },
  {
    name: 'the status of a pod of another node by an agent',
    type: Pods,
    ask: { user: agent, operation: 'UPDATE', subresource: 'status', old: { spec: { nodeName: 'two' } }, object: {} },
    want: 'pods "it" is forbidden: node "one" can only update pod status for pods with spec.nodeName set to itself',
  },
  {
    name: 'eviction of a pod of another node by an agent',
    type: Pods,
    ask: { user: agent, subresource: 'eviction', name: 'far' },
    want: 'pods "far" is forbidden: node one can only evict pods with spec.nodeName set to itself',
  },
  {
    name: 'another node from an agent',
    type: Nodes,
    ask: { user: agent, name: 'two', object: {} },
    want: 'nodes "two" is forbidden: node "one" is not allowed to modify node "two"',
  },
  {
    name: 'a role label from an agent',
    type: Nodes,
    ask: { user: agent, name: 'one', object: label('node-role.kubernetes.io/control-plane') },
    want: 'nodes "one" is forbidden: node "one" is not allowed to set the following labels: node-role.kubernetes.io/control-plane',
  },
  {
    name: 'a restricted label from an agent',
    type: Nodes,
    ask: { user: agent, name: 'one', operation: 'UPDATE', old: label('node-restriction.kubernetes.io/a'), object: {} },
    want: 'nodes "one" is forbidden: node "one" is not allowed to modify labels: node-restriction.kubernetes.io/a',
  },
  {
    name: 'fewer taints from an agent',
    type: Nodes,
    ask: {
      user: agent,
      name: 'one',
      operation: 'UPDATE',
      old: { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } },
      object: { spec: {} },
    },
    want: 'nodes "one" is forbidden: node "one" is not allowed to modify taints',
  },
  {
    name: 'the lease of another node from an agent',
    type: Leases,
    ask: { user: agent, operation: 'UPDATE', namespace: 'kube-node-lease', name: 'two', object: {} },
    want: 'leases.coordination.k8s.io "two" is forbidden: can only access node lease with the same name as the requesting node',
  },
];

for (const { name, type, ask, want } of refusals)
  test(`refused: ${name}`, async () => assert.equal(await admitted(type, ask), want));

const passes: { name: string; type: ResourceType<any>; ask: Ask }[] = [
  { name: 'rights that one has', type: Roles, ask: { user: jane, object: rule('get') } },
  { name: 'a superuser gives what he likes', type: Roles, ask: { object: rule('*') } },
  {
    name: 'a change that leaves the rules alone',
    type: Roles,
    ask: { user: jane, operation: 'UPDATE', object: rule('*'), old: rule('*') },
  },
  {
    name: 'a label of the agent',
    type: Nodes,
    ask: { user: agent, name: 'one', object: label('topology.kubernetes.io/zone') },
  },
  { name: 'a label of nobody', type: Nodes, ask: { user: agent, name: 'one', object: label('example.com/x') } },
  { name: 'deletion of its pod by an agent', type: Pods, ask: { user: agent, operation: 'DELETE', name: 'mine' } },
  { name: 'deletion in a namespace that ends', type: ConfigMaps, ask: { operation: 'DELETE', namespace: 'ending' } },
];

for (const { name, type, ask } of passes)
  test(`admitted: ${name}`, async () => assert.notEqual(typeof (await admitted(type, ask)), 'string'));

test('somebody who may bind can bind what he does not hold', async () => {
  const more = [
    {
      kind: 'ClusterRole',
      metadata: { name: 'binder' },
      rules: [
        {
          apiGroups: ['rbac.authorization.k8s.io'],
          resources: ['clusterroles'],
          verbs: ['bind'],
          resourceNames: ['all'],
        },
      ],
    },
    {
      kind: 'ClusterRoleBinding',
      metadata: { name: 'c' },
      roleRef: { kind: 'ClusterRole', name: 'binder' },
      subjects: [{ kind: 'User', name: 'jane' }],
    },
  ];
  const object = { roleRef: { kind: 'ClusterRole', name: 'all' } };
  assert.notEqual(typeof (await admitted(ClusterRoleBindings, { user: jane, object, more })), 'string');
});

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
