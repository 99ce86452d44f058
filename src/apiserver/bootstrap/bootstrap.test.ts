import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterRole, ClusterRoleBinding } from '../../api/rbac/v1/types.ts';
import { keyOf, keyText, type KubeObject } from '../../apimachinery/object.ts';
import type { ApiRequest, Transport } from '../../apimachinery/request.ts';
import { RoleBasedAuthorizer } from '../auth/rbac.ts';
import { testContext } from '../testing/context.ts';
import { bootstrap, bootstrapObjects } from './bootstrap.ts';
import { dnsAddress, firstAddress } from './objects.ts';

/** A store of objects by kind that notes each write. */
function setting(objects: readonly KubeObject[] = []) {
  const cluster = testContext({ objects });
  const writes: string[] = [];
  const transport: Transport = {
    async call({ verb, type, namespace, name, body }: ApiRequest) {
      const object = body as KubeObject | undefined;
      const key = object ? keyOf(object) : { name: name!, ...(namespace !== undefined && { namespace }) };
      writes.push(`${verb} ${type.kind} ${keyText(key)}`);
      if (verb === 'delete') cluster.remove(type.kind, keyText(key));
      else cluster.put({ ...structuredClone(object!), kind: type.kind });
    },
    watch: () => assert.fail('nothing is watched'),
  };
  return { ...cluster, writes, run: () => bootstrap(cluster.context, transport) };
}

async function afterStart(...changed: object[]) {
  const all = setting();
  await all.run();
  all.writes.length = 0;
  for (const object of changed) all.put(object as KubeObject);
  await all.run();
  return all;
}

const anonymous = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

test('an empty store gets everything, namespaces first, and then nothing more', async () => {
  const { writes, run, context } = setting();
  await run();
  assert.equal(writes.length, bootstrapObjects(context).length);
  assert.deepEqual(writes.slice(0, 4), [
    'create Namespace default',
    'create Namespace kube-system',
    'create Namespace kube-public',
    'create Namespace kube-node-lease',
  ]);
  writes.length = 0;
  await run();
  assert.deepEqual(writes, []);
});

test('strangers get health and version only', async () => {
  const { context } = await afterStart();
  const roles = new RoleBasedAuthorizer(context);
  const may = (path: string) => roles.authorize({ user: anonymous, verb: 'get', path }).allowed;
  assert.deepEqual(['/healthz', '/livez', '/readyz', '/version'].map(may), [true, true, true, true]);
  assert.deepEqual(['/', '/api', '/apis', '/metrics', '/openapi/v3', '/healthz/x'].map(may), Array(6).fill(false));
});

test('a role gets back what it lacks and keeps what was added', async () => {
  const mine = { verbs: ['get'], nonResourceURLs: ['/mine'] };
  const { writes, context } = await afterStart({
    kind: 'ClusterRole',
    metadata: { name: 'system:basic-user' },
    rules: [mine],
  });
  assert.deepEqual(writes, ['update ClusterRole system:basic-user']);
  const role = context.lookup<ClusterRole>({ kind: 'ClusterRole' } as never, { name: 'system:basic-user' })!;
  assert.deepEqual(role.rules![0], mine);
  assert.equal(role.rules!.length, 3);
  assert.equal(role.metadata.annotations!['rbac.authorization.kubernetes.io/autoupdate'], 'true');
});

test('a role that is marked so is left alone', async () => {
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
  const { writes } = await afterStart({ kind: 'ClusterRole', metadata: { name: 'view', annotations }, rules: [] });
  assert.deepEqual(writes, []);
});

test('a binding gets back its subjects, and one of another role is made anew', async () => {
  const jane = { kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  const named = (name: string) => ({ kind: 'ClusterRoleBinding', metadata: { name }, subjects: [jane], roleRef });
  const { writes, context } = await afterStart(named('cluster-admin'), named('system:discovery'));
  assert.deepEqual(writes.sort(), [
    'create ClusterRoleBinding system:discovery',
    'delete ClusterRoleBinding system:discovery',
    'update ClusterRoleBinding cluster-admin',
  ]);
  const binding = context.lookup<ClusterRoleBinding>({ kind: 'ClusterRoleBinding' } as never, {
    name: 'cluster-admin',
  })!;
  assert.deepEqual(
    binding.subjects!.map(({ name }) => name),
    ['jane', 'system:masters'],
  );
});

test('endpoints follow the address of the server', async () => {
  const labels = { 'kubernetes.io/service-name': 'kubernetes' };
  const { writes } = await afterStart({
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['198.51.100.9'] }],
  });
  assert.deepEqual(writes, ['update EndpointSlice default/kubernetes']);
});

test('DNS has the tenth address, where there is one', () => {
  assert.equal(dnsAddress('10.96.0.0/16'), '10.96.0.10');
  assert.equal(dnsAddress('10.96.0.16/28'), '10.96.0.26');
  assert.equal(dnsAddress('fd00:1::/108'), 'fd00:1::a');
  assert.throws(() => dnsAddress('10.96.0.0/29'), /has no address 10/);
});

test('the API has the first address of the range', () => {
  assert.equal(firstAddress('10.96.0.0/16'), '10.96.0.1');
  assert.equal(firstAddress('10.96.7.0/12'), '10.96.0.1');
  assert.equal(firstAddress('fd00:1::/108'), 'fd00:1::1');
  assert.throws(() => firstAddress('10.96.0.0/32'), /has no address 1/);
  assert.throws(() => firstAddress('nonsense'), /not a CIDR/);
});

test('roles that gave too much are deleted with their bindings, unless somebody keeps them', async () => {
  const metadata = { name: 'system:kubeling-ingress' };
  const kept = { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } };
  const role = { kind: 'ClusterRole', metadata, rules: [] };
  const binding = { kind: 'ClusterRoleBinding', metadata, roleRef: {} };
  const { writes } = await afterStart(role, binding);
  assert.deepEqual(writes.toSorted(), [
    'delete ClusterRole system:kubeling-ingress',
    'delete ClusterRoleBinding system:kubeling-ingress',
  ]);
  assert.deepEqual((await afterStart({ ...role, metadata: { ...metadata, ...kept } })).writes, []);
});
