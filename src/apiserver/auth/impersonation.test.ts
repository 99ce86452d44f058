import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatus, StatusError } from '../../apimachinery/status.ts';
import { testContext } from '../testing/context.ts';
import type { Attributes, UserInfo } from './auth.ts';
import { superuserAuthorizer, unionAuthorizer } from './authorizer.ts';
import { Impersonation, wantedUser } from './impersonation.ts';
import { RoleBasedAuthorizer } from './rbac.ts';

const admin: UserInfo = { name: 'admin', groups: ['system:masters'] };
const robot: UserInfo = {
  name: 'system:serviceaccount:default:robot',
  groups: [],
  extra: { 'authentication.kubernetes.io/node-name': ['one'] },
};

const listPods = (user: UserInfo): Attributes => ({ user, verb: 'list', group: '', resource: 'pods', namespace: 'x' });

/** An impersonation where the robot has these rules. */
function robotWith(...rules: object[]): Impersonation {
  const kind = 'ClusterRole';
  const subjects = [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }];
  const { context } = testContext({
    objects: [
      { kind, metadata: { name: 'r' }, rules } as never,
      { kind: 'ClusterRoleBinding', metadata: { name: 'b' }, roleRef: { kind, name: 'r' }, subjects } as never,
    ],
  });
  return new Impersonation(unionAuthorizer([superuserAuthorizer, new RoleBasedAuthorizer(context)]));
}

const legacyUsers = { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: ['b'] };

test('headers say whom to act as', () => {
  assert.equal(wantedUser(['Accept', '*/*', 'If-Match', 'x']), undefined);
  assert.deepEqual(
    wantedUser([
      ...['Impersonate-User', 'jane', 'impersonate-group', 'devs', 'Impersonate-Group', 'ops, all'],
      ...['Impersonate-Uid', 'u1', 'Impersonate-Extra-Scopes', 'a', 'impersonate-extra-scopes', 'b'],
      ...['Impersonate-Extra-A%2fB', 'c'],
    ]),
    {
      name: 'jane',
      groups: ['devs', 'ops, all'],
      uid: 'u1',
      extra: Object.assign(Object.create(null), { scopes: ['a', 'b'], 'a/b': ['c'] }),
    },
  );
});

test('parts of a user without a name are a bad request', () => {
  for (const header of ['Impersonate-Group', 'Impersonate-Uid', 'Impersonate-Extra-X'])
    assert.throws(
      () => wantedUser([header, 'x']),
      (error) => isStatus(error, 'BadRequest'),
    );
});

test('an admin becomes anybody, with the groups that the name brings', async (t) => {
  const rows: [string, string[], string[]][] = [
    ['jane', [], ['system:authenticated']],
    ['jane', ['devs'], ['devs', 'system:authenticated']],
    ['system:anonymous', [], ['system:unauthenticated']],
    ['system:serviceaccount:a:b', [], ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated']],
    ['system:serviceaccount:a:b', ['x'], ['x', 'system:authenticated']],
    ['system:serviceaccount:a', [], ['system:authenticated']],
  ];
  for (const [name, groups, want] of rows)
    await t.test(name, async () => {
      assert.deepEqual((await robotWith().become({ name, groups }, listPods(admin))).groups, want);
    });
});

function refusalOf(impersonation: Impersonation, wanted: UserInfo): string {
  try {
    void impersonation.become(wanted, listPods(robot));
  } catch (error) {
    if (error instanceof StatusError) return error.message.replace(robot.name, 'ROBOT');
    throw error;
  }
  return 'allowed';
}

const others: { name: string; rules: object[]; wanted: UserInfo; want: string }[] = [
  {
    name: 'nobody without a right',
    rules: [],
    wanted: { name: 'jane', groups: [] },
    want: 'pods is forbidden: User "ROBOT" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "x"',
  },
  {
    name: 'no account without a right',
    rules: [],
    wanted: { name: 'system:serviceaccount:x:y', groups: [] },
    want: 'pods is forbidden: User "ROBOT" cannot impersonate-on:serviceaccount:list resource "pods" in API group "" in the namespace "x"',
  },
  { name: 'the one user that is named', rules: [legacyUsers], wanted: { name: 'b', groups: [] }, want: 'allowed' },
  {
    name: 'another user for just the request that is named',
    rules: [
      { apiGroups: ['authentication.k8s.io'], resources: ['users'], verbs: ['impersonate:user-info'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['impersonate-on:user-info:list'] },
    ],
    wanted: { name: 'jane', groups: [] },
    want: 'allowed',
  },
  {
    name: 'not the superusers, by a constrained right',
    rules: [
      { apiGroups: ['authentication.k8s.io'], resources: ['*'], verbs: ['impersonate:user-info'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['impersonate-on:user-info:list'] },
    ],
    wanted: { name: 'jane', groups: ['system:masters'] },
    want: 'groups.authentication.k8s.io "system:masters" is forbidden: User "ROBOT" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed',
  },
  {
    name: 'the node that it runs on',
    rules: [
      { apiGroups: ['authentication.k8s.io'], resources: ['nodes'], verbs: ['impersonate:associated-node'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['impersonate-on:associated-node:list'] },
    ],
    wanted: { name: 'system:node:one', groups: [] },
    want: 'allowed',
  },
  {
    name: 'not another node',
    rules: [
      { apiGroups: ['authentication.k8s.io'], resources: ['nodes'], verbs: ['impersonate:associated-node'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['impersonate-on:associated-node:list'] },
    ],
    wanted: { name: 'system:node:two', groups: [] },
    want: 'pods is forbidden: User "ROBOT" cannot impersonate-on:arbitrary-node:list resource "pods" in API group "" in the namespace "x"',
  },
];

for (const { name, rules, wanted, want } of others)
  test(`an account may impersonate ${name}`, () => assert.equal(refusalOf(robotWith(...rules), wanted), want));

test('who was let in by one right is told about that one', () => {
  const impersonation = robotWith(legacyUsers);
  void impersonation.become({ name: 'b', groups: [] }, listPods(robot));
  const cannot = 'is forbidden: User "ROBOT" cannot impersonate resource';
  assert.equal(
    refusalOf(impersonation, { name: 'c', groups: [] }),
    `users "c" ${cannot} "users" in API group "" at the cluster scope`,
  );
  assert.equal(
    refusalOf(impersonation, { name: 'b', groups: ['devs'] }),
    `groups "devs" ${cannot} "groups" in API group "" at the cluster scope`,
  );
  assert.equal(
    refusalOf(impersonation, { name: 'b', groups: [], extra: { scopes: ['x'] } }),
    `userextras.authentication.k8s.io "x" ${cannot} "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope`,
  );
  assert.equal(
    refusalOf(impersonation, { name: 'b', groups: [], uid: 'x' }),
    `uids.authentication.k8s.io "x" ${cannot} "uids" in API group "authentication.k8s.io" at the cluster scope`,
  );
});
