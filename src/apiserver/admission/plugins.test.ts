import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, Namespaces, Nodes, Pods } from '../../api/core/v1/types.ts';
import { Leases } from '../../api/coordination/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles, RoleBindings, Roles } from '../../api/rbac/v1/types.ts';
import { PriorityClasses } from '../../api/scheduling/v1/types.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { UserInfo } from '../auth/auth.ts';
import { admitted, podWith, type Ask } from './testing/admitted.ts';

const jane: UserInfo = { name: 'jane', groups: ['devs'] };
const agent: UserInfo = { name: 'system:node:one', groups: ['system:nodes'] };

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
    name: 'an empty overhead without a class',
    type: Pods,
    ask: podWith({ overhead: {} }),
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

const node = (cpu: string, labels = {}) => ({
  kind: 'Node',
  metadata: { name: 'one', labels },
  status: { allocatable: { cpu, memory: '1Gi' } },
});
const asking = (cpu: string, memory: string) => ({
  spec: { nodeName: 'one', containers: [{ name: 'c', resources: { requests: { cpu, memory } } }] },
});
const resize = (wanted: object, ...more: object[]): Ask => {
  return { operation: 'UPDATE', subresource: 'resize', old: asking('1', '1Mi'), object: wanted, more };
};

refusals.push(
  {
    name: 'a resize beyond the node',
    type: Pods,
    ask: resize(asking('2100m', '2Gi'), node('2')),
    want: `pods "it" is forbidden: node didn't have enough allocatable resources: cpu, requested: 2100, allocatable: 2000; memory, requested: 2147483648, allocatable: 1073741824`,
  },
  {
    name: 'a resize on a node that is gone',
    type: Pods,
    ask: resize(asking('2', '1Mi')),
    want: 'pods "it" is forbidden: node "one" not found',
  },
  {
    name: 'a resize on another system',
    type: Pods,
    ask: resize(asking('2', '1Mi'), node('2', { 'kubernetes.io/os': 'windows' })),
    want: 'pods "it" is forbidden: pod resize is only supported on linux nodes, node "one" is "windows"',
  },
);

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
  { name: 'a resize that the node can give', type: Pods, ask: resize(asking('2', '1Gi'), node('2')) },
  { name: 'a resize that changes nothing', type: Pods, ask: resize(asking('1', '1Mi'), node('0')) },
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
