import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../apimachinery/object.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { clusterRoleBinding } from './cluster-role-binding.ts';
import { clusterRole } from './cluster-role.ts';
import { roleBinding } from './role-binding.ts';
import { role } from './role.ts';

const view = { kind: 'ClusterRole', name: 'view' };
const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };

const rows: {
  name: string;
  kind: ResourceDefinition<any>;
  object: Partial<KubeObject> & Record<string, unknown>;
  old?: object;
  want: string[];
}[] = [
  { name: 'a role with a rule', kind: role, object: { rules: [pods] }, want: [] },
  {
    name: 'rules that name nothing',
    kind: role,
    object: { rules: [{}] },
    want: [
      'rules[0].verbs: Required value: verbs must contain at least one value',
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].resources: Required value: resource rules must supply at least one resource',
    ],
  },
  {
    name: 'paths in a role of a namespace',
    kind: role,
    object: { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] },
    want: ['rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs'],
  },
  {
    name: 'paths and resources in one rule',
    kind: clusterRole,
    object: { rules: [{ ...pods, nonResourceURLs: ['/x'] }] },
    want: [
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
  },
  {
    name: 'aggregation without selectors',
    kind: clusterRole,
    object: { aggregationRule: {} },
    want: [
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ],
  },
  {
    name: 'aggregation by a selector that cannot be used',
    kind: clusterRole,
    object: { aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'X' }] }] } },
    want: [
      'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "X": not a valid selector operator',
      'aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.',
    ],
  },
  {
    name: 'users, groups and accounts',
    kind: roleBinding,
    object: {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [
        { kind: 'User', name: 'jane' },
        { kind: 'Group', name: 'devs' },
        { kind: 'ServiceAccount', name: 'robot' },
      ],
    },
    want: [],
  },
  {
    name: 'a subject of an unknown kind and one without a name',
    kind: roleBinding,
    object: { roleRef: view, subjects: [{ kind: 'Team', name: 'x' }, { kind: 'User' }] },
    want: [
      'subjects[0].kind: Unsupported value: "Team": supported values: "ServiceAccount", "User", "Group"',
      'subjects[1].name: Required value',
    ],
  },
  {
    name: 'an account of no namespace in the cluster',
    kind: clusterRoleBinding,
    object: { roleRef: view, subjects: [{ kind: 'ServiceAccount', name: 'x' }] },
    want: ['subjects[0].namespace: Required value'],
  },
  {
    name: 'a role of a namespace for the cluster',
    kind: clusterRoleBinding,
    object: { roleRef: { kind: 'Role', name: 'r' } },
    want: ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
  },
  {
    name: 'another role',
    kind: clusterRoleBinding,
    object: { roleRef: { kind: 'ClusterRole', name: 'edit' } },
    old: { roleRef: view },
    want: [
      'roleRef: Invalid value: {"kind":"ClusterRole","name":"edit","apiGroup":"rbac.authorization.k8s.io"}: cannot change roleRef',
    ],
  },
];

for (const { name, kind, object, old, want } of rows)
  test(`${kind.type.kind}: ${name}`, () => assert.deepEqual(complaintsAbout(kind, object, old), want));

test('names of roles may hold colons', () => {
  assert.deepEqual(role.strategy.nameRule!('system:controller:x', false), []);
  assert.deepEqual(role.strategy.nameRule!('a/b', false), ["may not contain '/'"]);
});

test('a binding shows its subjects by kind', () => {
  const subjects = [
    { kind: 'User', name: 'jane' },
    { kind: 'User', name: 'joe' },
    { kind: 'ServiceAccount', name: 'robot', namespace: 'x' },
  ];
  const binding = completed(clusterRoleBinding, { roleRef: view, subjects });
  assert.deepEqual(clusterRoleBinding.columns!.cells(binding, 0), [
    'it',
    'ClusterRole/view',
    '<unknown>',
    'jane, joe',
    '',
    'x/robot',
  ]);
});
