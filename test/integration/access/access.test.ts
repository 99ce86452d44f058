import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TokenRequest } from '../../../src/api/authentication/v1/types.ts';
import { Namespaces, Nodes, Pods, Secrets, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { ClusterRoleBindings, RoleBindings, Roles } from '../../../src/api/rbac/v1/types.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import type { UserInfo } from '../../../src/apiserver/auth/auth.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';

let cluster: TestCluster;
before(async () => {
  cluster = await startTestCluster({ nodes: 1 });
});
after(() => cluster[Symbol.asyncDispose]());

const jane: UserInfo = { name: 'jane', groups: ['system:authenticated'] };
const agent: UserInfo = { name: 'system:node:node-1', groups: ['system:nodes', 'system:authenticated'] };
const rbac = 'rbac.authorization.k8s.io';

async function bind(role: string, namespace: string): Promise<void> {
  await cluster.client.create(RoleBindings, {
    metadata: { name: role, namespace },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'User', name: 'jane', apiGroup: rbac }],
  });
}

const refusedAs = (reason: 'Forbidden' | 'NotFound' | 'Unauthorized', text: RegExp) => (error: unknown) =>
  isStatus(error, reason) && text.test(error.message);

test('who gets a role may do what it says, where it says', async () => {
  const client = cluster.clientOf(jane);
  await assert.rejects(
    client.list(Pods, { namespace: 'default' }),
    refusedAs('Forbidden', /cannot list resource "pods"/),
  );
  await bind('edit', 'default');
  await client.list(Pods, { namespace: 'default' });
  await assert.rejects(
    client.list(Pods, { namespace: 'kube-system' }),
    refusedAs('Forbidden', /in the namespace "kube-system"/),
  );
  await assert.rejects(client.list(Nodes), refusedAs('Forbidden', /at the cluster scope/));
});

test('who administers a namespace cannot make himself more', async () => {
  await bind('admin', 'default');
  const client = cluster.clientOf(jane);
  const give = (name: string, verbs: string[]) =>
    client.create(Roles, {
      metadata: { name, namespace: 'default' },
      rules: [{ apiGroups: [''], resources: ['nodes', 'pods'], verbs }],
    });
  await assert.rejects(
    give('more', ['get']),
    refusedAs('Forbidden', /not currently held:\n{APIGroups:\[""], Resources:\["nodes"], Verbs:\["get"]}$/),
  );
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' };
  const subjects = [{ kind: 'User', name: 'jane', apiGroup: rbac }];
  await assert.rejects(
    client.create(RoleBindings, { metadata: { name: 'all', namespace: 'default' }, roleRef, subjects }),
    refusedAs('Forbidden', /attempting to grant RBAC permissions not currently held/),
  );
  await assert.rejects(
    client.create(ClusterRoleBindings, { metadata: { name: 'all' }, roleRef, subjects }),
    refusedAs('Forbidden', /cannot create resource "clusterrolebindings"/),
  );
});

test('an agent reads a secret while a pod of its node needs it', async () => {
  const { client } = cluster;
  const key = { namespace: 'default', name: 'password' };
  const of = cluster.clientOf(agent);
  await client.create(Secrets, { metadata: key, data: {} });
  await assert.rejects(of.get(Secrets, key), refusedAs('Forbidden', /no relationship found between node 'node-1'/));
  await client.create(Pods, {
    metadata: { name: 'user', namespace: 'default' },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'app', image: 'app', envFrom: [{ secretRef: { name: 'password' } }] }],
    },
  });
  await of.get(Secrets, key);
  await client.delete(Pods, { namespace: 'default', name: 'user' }, { gracePeriodSeconds: 0 });
  await assert.rejects(of.get(Secrets, key), refusedAs('Forbidden', /no relationship/));
});

test('a token opens the door until its account is gone', async () => {
  const { client, plane } = cluster;
  const key = { namespace: 'default', name: 'robot' };
  await client.create(ServiceAccounts, { metadata: key });
  const asked = await client.post(ServiceAccounts, key, 'token', { spec: {} });
  const { token } = (asked as TokenRequest).status as { token: string };
  const user = await plane.api.authenticator.authenticate({ token });
  assert.deepEqual(user!.groups, ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated']);
  await client.delete(ServiceAccounts, key);
  assert.throws(() => plane.api.authenticator.authenticate({ token }), refusedAs('Unauthorized', /Unauthorized/));
});

test('nothing is made in a namespace that is not there', async () => {
  const create = cluster.client.create(Secrets, { metadata: { name: 'x', namespace: 'nowhere' } });
  await assert.rejects(create, refusedAs('NotFound', /namespaces "nowhere" not found/));
  await assert.rejects(
    cluster.client.delete(Namespaces, { name: 'kube-system' }),
    refusedAs('Forbidden', /this namespace may not be deleted/),
  );
});
