import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../apimachinery/object.ts';
import { testContext } from '../testing/context.ts';
import type { Attributes, UserInfo } from './auth.ts';
import { RoleBasedAuthorizer } from './rbac.ts';

const jane: UserInfo = { name: 'jane', groups: ['devs', 'system:authenticated'] };
const robot: UserInfo = { name: 'system:serviceaccount:default:robot', groups: ['system:serviceaccounts'] };

function role(name: string, rules: unknown[], namespace?: string): KubeObject {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  return { kind, metadata: { name, ...(namespace !== undefined && { namespace }) }, rules } as KubeObject;
}

function binding(name: string, to: string, subject: object, namespace?: string): KubeObject {
  const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
  const [roleKind, roleName] = to.split('/');
  return {
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name: roleName },
    subjects: [subject],
  } as KubeObject;
}

const reader = { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] };
const toJane = { kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' };
const toDevs = { kind: 'Group', name: 'devs', apiGroup: 'rbac.authorization.k8s.io' };

/** `get default pods/log web` as jane, unless `who` is given. */
function asked(text: string, who: UserInfo = jane): Attributes {
  const [verb, where, what, name] = text.split(' ') as [string, string, string?, string?];
  if (where.startsWith('/')) return { user: who, verb, path: where };
  const [resource, subresource] = what!.split('/');
  const [plain, ...group] = resource!.split('.');
  return {
    user: who,
    verb,
    group: group.join('.'),
    version: 'v1',
    resource: plain!,
    ...(subresource !== undefined && { subresource }),
    ...(where !== '-' && { namespace: where }),
    ...(name !== undefined && { name }),
  };
}

const rows: { name: string; rules: object; asks: Record<string, boolean> }[] = [
  {
    name: 'a rule covers its verbs and resources, in every namespace',
    rules: reader,
    asks: {
      'get default pods web': true,
      'list - pods': true,
      'get other pods/log web': true,
      'create default pods': false,
      'get default pods/status web': false,
      'get default services web': false,
      'get default pods.metrics.k8s.io web': false,
      'get /pods': false,
    },
  },
  {
    name: 'stars cover all',
    rules: { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    asks: {
      'escalate - roles.rbac.authorization.k8s.io': true,
      'get default pods/exec web': true,
      'get /healthz': false,
    },
  },
  {
    name: 'a star before a subresource covers it of every resource',
    rules: { apiGroups: ['apps'], resources: ['*/scale'], verbs: ['update'] },
    asks: { 'update a deployments.apps/scale web': true, 'update a deployments.apps web': false },
  },
  {
    name: 'names limit to objects, so not to lists and creations',
    rules: { apiGroups: [''], resources: ['secrets'], resourceNames: ['a', 'b'], verbs: ['get', 'list', 'create'] },
    asks: {
      'get x secrets a': true,
      'get x secrets b': true,
      'get x secrets c': false,
      'list x secrets': false,
      'create x secrets': false,
    },
  },
  {
    name: 'paths are exact, or prefixes that end in a star',
    rules: { nonResourceURLs: ['/metrics', '/x/*'], verbs: ['get'] },
    asks: {
      'get /metrics': true,
      'get /metrics/a': false,
      'get /x/y/z': true,
      'get /x': false,
      'post /metrics': false,
    },
  },
];

for (const { name, rules, asks } of rows)
  test(`of a cluster role, ${name}`, () => {
    const { context } = testContext({ objects: [role('r', [rules]), binding('b', 'ClusterRole/r', toJane)] });
    const authorizer = new RoleBasedAuthorizer(context);
    // Twice, because the second answer is remembered.
    for (let i = 0; i < 2; i++)
      for (const [text, allowed] of Object.entries(asks))
        assert.equal(authorizer.authorize(asked(text)).allowed, allowed, text);
  });

test('a binding of a namespace counts there only, and not for paths', () => {
  const { context } = testContext({
    objects: [
      role('r', [reader, { nonResourceURLs: ['*'], verbs: ['*'] }]),
      binding('b', 'ClusterRole/r', toDevs, 'here'),
    ],
  });
  const authorizer = new RoleBasedAuthorizer(context);
  assert.equal(authorizer.authorize(asked('get here pods web')).allowed, true);
  assert.equal(authorizer.authorize(asked('get there pods web')).allowed, false);
  assert.equal(authorizer.authorize(asked('list - pods')).allowed, false);
  assert.equal(authorizer.authorize(asked('get /metrics')).allowed, false);
});

test('reasons name the binding, the role and the subject', () => {
  const { context } = testContext({
    objects: [
      role('r', [reader]),
      role('local', [{ ...reader, verbs: ['create'] }], 'here'),
      binding('all', 'ClusterRole/r', toDevs),
      binding('some', 'Role/local', { kind: 'ServiceAccount', name: 'robot', namespace: 'default' }, 'here'),
      binding('vain', 'Role/none', toJane, 'here'),
    ],
  });
  const authorizer = new RoleBasedAuthorizer(context);
  const reason = (text: string, who?: UserInfo) => authorizer.authorize(asked(text, who)).reason;
  assert.equal(reason('get here pods'), 'RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "r" to Group "devs"');
  assert.equal(
    reason('create here pods', robot),
    'RBAC: allowed by RoleBinding "some/here" of Role "local" to ServiceAccount "robot/default"',
  );
  assert.equal(reason('create here pods'), 'RBAC: role.rbac.authorization.k8s.io "none" not found');
  assert.equal(reason('create there pods'), '');
});

test('a user can not pass for a service account of no namespace', () => {
  const { context } = testContext({
    objects: [role('r', [reader]), binding('b', 'ClusterRole/r', { kind: 'ServiceAccount', name: 'robot' })],
  });
  const authorizer = new RoleBasedAuthorizer(context);
  const user = { name: 'system:serviceaccount::robot', groups: [] };
  assert.equal(authorizer.authorize(asked('get default pods', user)).allowed, false);
});

test('decisions follow the tables', () => {
  const { context, put, remove } = testContext();
  const authorizer = new RoleBasedAuthorizer(context);
  const may = () => authorizer.authorize(asked('get default pods web')).allowed;
  const steps: [() => void, boolean][] = [
    [() => {}, false],
    [() => put(binding('b', 'ClusterRole/r', toJane)), false],
    [() => put(role('r', [reader])), true],
    [() => put(role('r', [{ ...reader, verbs: ['list'] }])), false],
    [() => put(role('r', [reader])), true],
    [() => put(binding('b', 'ClusterRole/r', { ...toJane, name: 'joe' })), false],
    [() => put(binding('b', 'ClusterRole/r', toJane)), true],
    [() => remove('ClusterRole', 'r'), false],
    [() => put(role('r', [reader])), true],
    [() => remove('ClusterRoleBinding', 'b'), false],
  ];
  for (const [step, allowed] of steps) {
    step();
    assert.equal(may(), allowed);
  }
});

test('a decision is remembered, but not for a path that is made up to take memory', () => {
  const authorizer = new RoleBasedAuthorizer(testContext().context);
  const twice = (text: string) => [authorizer.authorize(asked(text)), authorizer.authorize(asked(text))] as const;
  const [first, second] = twice('get /metrics');
  assert.equal(first, second);
  const [one, other] = twice(`get /${'x'.repeat(300)}`);
  assert.deepEqual(one, other);
  assert.notEqual(one, other);
});

test('who has many identities does not have ever more decisions remembered', () => {
  const authorizer = new RoleBasedAuthorizer(testContext().context);
  const first = authorizer.authorize(asked('get /metrics'));
  for (let user = 0; user < 66; user++) {
    const who: UserInfo = { name: `user-${user}`, groups: [] };
    for (let path = 0; path < 1000; path++) authorizer.authorize(asked(`get /${path}`, who));
  }
  assert.notEqual(authorizer.authorize(asked('get /metrics')), first);
});

test('who is named any number of times in one namespace may do no more, and costs nobody else', () => {
  const subjects = Array.from({ length: 200_000 }, () => toDevs);
  const flood = { ...binding('flood', 'ClusterRole/r', toDevs, 'a'), subjects };
  const { context, put, remove } = testContext({
    objects: [role('r', [reader]), flood, ...['b', 'c'].map((name) => binding(name, 'ClusterRole/r', toDevs, name))],
  });
  const authorizer = new RoleBasedAuthorizer(context);
  const may = (text: string) => authorizer.authorize(asked(text)).allowed;
  assert.deepEqual([may('get a pods x'), may('get b pods x'), may('get d pods x')], [true, true, false]);
  assert.equal(authorizer.rulesFor(jane, 'a').rules.length, 1);
  put({ ...flood, subjects: [toJane] } as KubeObject);
  assert.deepEqual([may('get a pods x'), may('get b pods x')], [true, true]);
  remove('RoleBinding', 'a/flood');
  assert.deepEqual([may('get a pods x'), may('get c pods x')], [false, true]);
});
