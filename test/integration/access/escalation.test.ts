import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ClusterRoleBindings, ClusterRoles, RoleBindings, Roles } from '../../../src/api/rbac/v1/types.ts';
import type { KubeObject } from '../../../src/apimachinery/object.ts';
import type { ResourceType } from '../../../src/apimachinery/resource-type.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { superuser, type ApiServer } from '../../../src/apiserver/api-server.ts';
import type { UserInfo } from '../../../src/apiserver/auth/auth.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import type { Client } from '../../../src/client/client.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';

const group = 'rbac.authorization.k8s.io';
/** May write all of RBAC, and read pods: nothing else. */
const jane: UserInfo = { name: 'jane', groups: ['system:authenticated'] };
const pods = (...verbs: string[]) => ({ apiGroups: [''], resources: ['pods'], verbs });
const user = (name: string) => [{ kind: 'User', name, apiGroup: group }];
const roleRef = (name: string) => ({ apiGroup: group, kind: 'ClusterRole', name });
const gathering = { clusterRoleSelectors: [{ matchLabels: { 'aggregate-to-mine': 'true' } }] };

let api: ApiServer;
let admin: Client;
let client: Client;
before(async () => {
  api = await startMemoryApi();
  admin = createClient(api.transport(superuser, 'test'));
  client = createClient(api.transport(jane, 'test'));
  const role = (name: string, ...rules: object[]) =>
    admin.create(ClusterRoles, { metadata: { name }, rules: rules as never });
  const bind = (name: string, who: string) =>
    admin.create(ClusterRoleBindings, {
      metadata: { name: `${who}-${name}` },
      roleRef: roleRef(name),
      subjects: user(who),
    });
  const writer = { apiGroups: [group], resources: ['*'], verbs: ['get', 'create', 'update', 'patch'] };
  await role('writer', writer, pods('get'));
  await role('escalator', { ...writer, verbs: ['escalate'], resources: ['clusterroles'], resourceNames: ['free'] });
  await role('binder', { ...writer, verbs: ['bind'], resources: ['clusterroles'], resourceNames: ['bound'] });
  await bind('writer', 'jane');
  await bind('escalator', 'jane');
  await bind('binder', 'jane');
  for (const name of ['strong', 'free', 'bound']) await role(name, pods('*'));
  await role('weak', pods('get'));
  await admin.create(ClusterRoles, { metadata: { name: 'gathers' }, aggregationRule: gathering });
  const namespace = 'default';
  await admin.create(Roles, { metadata: { name: 'strong', namespace }, rules: [pods('*')] });
  for (const name of ['strong', 'bound', 'weak']) {
    const binding = { metadata: { name: `to-${name}` }, roleRef: roleRef(name), subjects: user('joe') };
    await admin.create(ClusterRoleBindings, binding);
    await admin.create(RoleBindings, { ...binding, metadata: { ...binding.metadata, namespace } });
  }
});
after(() => api[Symbol.asyncDispose]());

const aggregated = { labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } };
const lacks = /attempting to grant RBAC permissions not currently held/;
const notAdmin = /must have cluster-admin privileges to use the aggregationRule$/;

const changes: { type: ResourceType<any>; name: string; what: string; change: object; want: 'done' | RegExp }[] = [
  { what: 'a label', type: ClusterRoles, name: 'strong', change: { metadata: aggregated }, want: lacks },
  { what: 'a label', type: ClusterRoles, name: 'weak', change: { metadata: aggregated }, want: 'done' },
  { what: 'a label', type: ClusterRoles, name: 'free', change: { metadata: aggregated }, want: 'done' },
  {
    what: 'an annotation',
    type: Roles,
    name: 'strong',
    change: { metadata: { annotations: { a: 'b' } } },
    want: lacks,
  },
  {
    what: 'a finalizer',
    type: ClusterRoles,
    name: 'strong',
    change: { metadata: { finalizers: ['a.b/c'] } },
    want: 'done',
  },
  { what: 'rules', type: ClusterRoles, name: 'weak', change: { rules: [pods('get', 'list')] }, want: lacks },
  { what: 'aggregation', type: ClusterRoles, name: 'weak', change: { aggregationRule: gathering }, want: notAdmin },
  { what: 'a label', type: ClusterRoles, name: 'gathers', change: { metadata: aggregated }, want: notAdmin },
  {
    what: 'no more aggregation',
    type: ClusterRoles,
    name: 'gathers',
    change: { aggregationRule: null },
    want: notAdmin,
  },
  ...[ClusterRoleBindings, RoleBindings].flatMap((type: ResourceType<any>) => [
    { what: 'a subject', type, name: 'to-strong', change: { subjects: user('jane') }, want: lacks },
    { what: 'a label', type, name: 'to-strong', change: { metadata: { labels: { a: 'b' } } }, want: lacks },
    {
      what: 'a finalizer',
      type,
      name: 'to-strong',
      change: { metadata: { finalizers: ['a.b/c'] } },
      want: 'done' as const,
    },
    { what: 'a subject', type, name: 'to-bound', change: { subjects: user('jane') }, want: 'done' as const },
    { what: 'a subject', type, name: 'to-weak', change: { subjects: user('jane') }, want: 'done' as const },
  ]),
];

const ways = ['update', 'merge', 'strategic', 'json', 'apply'] as const;

for (const { type, name, what, change, want } of changes)
  for (const way of ways) {
    // An apply takes nothing away that it has not brought.
    if (way === 'apply' && what === 'no more aggregation') continue;
    test(`${what} on ${type.resource} ${name} by ${way}: ${want === 'done' ? 'done' : 'refused'}`, async () => {
      const key = { name, ...(type.namespaced && { namespace: 'default' }) };
      const before = await admin.get<KubeObject>(type, key);
      const after = merged(before, change);
      const write = () => {
        if (way === 'update') return client.update(type, after);
        if (way === 'json')
          return client.patch(type, key, { type: way, body: [{ op: 'replace', path: '', value: after }] });
        if (way === 'apply') {
          const configuration = {
            kind: type.kind,
            apiVersion: `${group}/v1`,
            ...(type.resource.endsWith('bindings') && { roleRef: (before as never)['roleRef'] }),
            ...change,
          };
          return client.patch(type, key, { type: way, body: configuration }, { force: true, fieldManager: 'test' });
        }
        return client.patch(type, key, { type: way, body: change });
      };
      try {
        if (want === 'done') await write();
        else await assert.rejects(write(), (error) => isStatus(error, 'Forbidden') && want.test(error.message));
      } finally {
        const now = await admin.get<KubeObject>(type, key);
        const { resourceVersion } = now.metadata;
        await admin.update(type, { ...before, metadata: { ...before.metadata, resourceVersion: resourceVersion! } });
      }
    });
  }

/** One level of metadata is merged, all else replaced; null takes away. */
function merged(object: KubeObject, change: Record<string, any>): KubeObject {
  const { metadata, ...rest } = change;
  const all: Record<string, unknown> = { ...object, ...rest, metadata: { ...object.metadata, ...metadata } };
  for (const name of Object.keys(rest)) if (rest[name] === null) delete all[name];
  return all as unknown as KubeObject;
}

const creations: { what: string; type: ResourceType<any>; object: object; want: 'done' | RegExp }[] = [
  { what: 'a strong role', type: ClusterRoles, object: { rules: [pods('*')] }, want: lacks },
  { what: 'a weak role', type: ClusterRoles, object: { rules: [pods('get')] }, want: 'done' },
  { what: 'a role that gathers', type: ClusterRoles, object: { aggregationRule: gathering }, want: notAdmin },
  { what: 'a strong role', type: Roles, object: { rules: [pods('*')] }, want: lacks },
  ...[ClusterRoleBindings, RoleBindings].flatMap((type: ResourceType<any>) => [
    { what: 'a strong binding', type, object: { roleRef: roleRef('strong'), subjects: user('jane') }, want: lacks },
    { what: 'a binding that is allowed', type, object: { roleRef: roleRef('bound') }, want: 'done' as const },
  ]),
];

for (const { what, type, object, want } of creations)
  for (const way of ['create', 'apply'] as const)
    test(`${what} in ${type.resource} by ${way}: ${want === 'done' ? 'done' : 'refused'}`, async () => {
      const key = { name: 'new', ...(type.namespaced && { namespace: 'default' }) };
      const typed = { kind: type.kind, apiVersion: `${group}/v1`, metadata: key, ...object };
      const write = () =>
        way === 'create'
          ? client.create(type, typed)
          : client.patch(type, key, { type: 'apply', body: typed }, { fieldManager: 'test' });
      if (want !== 'done')
        return assert.rejects(write(), (error) => isStatus(error, 'Forbidden') && want.test(error.message));
      await write();
      await admin.delete(type, key);
    });
