import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, ServiceAccounts, type Pod } from '../../../src/api/core/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles } from '../../../src/api/rbac/v1/types.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../../src/apiserver/admission/admission.ts';
import { superuser } from '../../../src/apiserver/api-server.ts';
import type { UserInfo } from '../../../src/apiserver/auth/auth.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';

const rbac = 'rbac.authorization.k8s.io';
const jane: UserInfo = { name: 'jane', groups: ['system:authenticated'] };
const pod = { metadata: { name: 'p', namespace: 'default' }, spec: { containers: [{ name: 'a', image: 'a' }] } };

async function startWith(...plugins: AdmissionPlugin[]) {
  const api = await startMemoryApi({ admission: plugins });
  const admin = createClient(api.transport(superuser, 'test'));
  await admin.create(ClusterRoles, {
    metadata: { name: 'writer' },
    rules: [
      { apiGroups: [rbac], resources: ['*'], verbs: ['create', 'get', 'patch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['*'] },
    ],
  });
  await admin.create(ClusterRoleBindings, {
    metadata: { name: 'writer' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'writer' },
    subjects: [{ kind: 'User', name: 'jane', apiGroup: rbac }],
  });
  await admin.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  return { api, admin, client: createClient(api.transport(jane, 'test')) };
}

const of = (resource: string, patch: (request: AdmissionRequest) => readonly unknown[]): AdmissionPlugin => ({
  name: 'Webhook',
  mutate: (request) => (request.type.resource === resource ? { patch: patch(request) } : undefined),
});

test('what a plugin patches gets its defaults, and belongs to nobody', async () => {
  const container = { op: 'add', path: '/spec/containers/-', value: { name: 'sidecar', image: 'side:1' } };
  const { api, admin } = await startWith(of('pods', ({ isReinvocation }) => (isReinvocation ? [] : [container])));
  await using _ = api;
  const made = await admin.create(Pods, pod);
  const sidecar = made.spec.containers[1]!;
  assert.equal(sidecar.imagePullPolicy, 'IfNotPresent');
  assert.equal(sidecar.terminationMessagePath, '/dev/termination-log');
  assert.doesNotMatch(JSON.stringify(made.metadata.managedFields), /sidecar/);
  assert.match(JSON.stringify(made.metadata.managedFields), /imagePullPolicy/);
});

test('a plugin that comes before sees a patched object again, once', async () => {
  const container = { op: 'add', path: '/spec/containers/-', value: { name: 'sidecar', image: 'side:1' } };
  const rounds: (boolean | undefined)[] = [];
  const { api, admin } = await startWith(
    of('pods', ({ isReinvocation }) => {
      rounds.push(isReinvocation);
      return isReinvocation ? [] : [container];
    }),
  );
  await using _ = api;
  const { spec } = await admin.create(Pods, pod);
  // ServiceAccount is the server's own, and mounts the token into each container.
  assert.deepEqual(
    spec.containers.map(({ volumeMounts }) => volumeMounts?.length),
    [1, 1],
  );
  assert.deepEqual(rounds, [undefined, true]);
});

test('what a plugin patches is checked as if the client had sent it', async () => {
  const { api, admin } = await startWith(
    of('pods', () => [{ op: 'add', path: '/spec/containers/0/image', value: '' }]),
  );
  await using _ = api;
  await assert.rejects(
    admin.create(Pods, pod),
    (error) => isStatus(error, 'Invalid') && /spec.containers\[0\].image: Required value/.test(error.message),
  );
});

test('a patch that cannot be applied, or makes no object, is told by the name of its plugin', async () => {
  for (const patch of [
    [{ op: 'remove', path: '/spec/nothing' }],
    [{ op: 'replace', path: '/spec/containers', value: 'x' }],
    [{ op: 'replace', path: '', value: [] }],
  ]) {
    const { api, admin } = await startWith(of('pods', () => patch));
    await using _ = api;
    await assert.rejects(
      admin.create(Pods, pod),
      (error) => isStatus(error, 'InternalError') && /admission plugin Webhook/.test(error.message),
    );
  }
});

const grab = (at: string) => [{ op: 'add', path: at, value: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }];

test('guards see what plugins did: rules that come by a patch are checked for escalation', async () => {
  const { api, admin, client } = await startWith(
    of('clusterroles', ({ user }) => (user.name === 'jane' ? grab('/rules') : [])),
  );
  await using _ = api;
  const role = { metadata: { name: 'mine' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] };
  const escalates = (error: unknown) =>
    isStatus(error, 'Forbidden') && /attempting to grant RBAC permissions not currently held/.test(error.message);
  await assert.rejects(client.create(ClusterRoles, role), escalates);
  await admin.create(ClusterRoles, role);
  const patch = { type: 'merge', body: { metadata: { labels: { a: 'b' } } } } as const;
  await assert.rejects(client.patch(ClusterRoles, { name: 'mine' }, patch), escalates);
  assert.deepEqual((await admin.get(ClusterRoles, { name: 'mine' })).rules, role.rules);
});

test('plugins do not change what only the server or another endpoint sets', async () => {
  const { api, admin } = await startWith(
    of('pods', ({ operation }) =>
      operation !== 'UPDATE'
        ? []
        : [
            { op: 'replace', path: '/metadata/uid', value: 'other' },
            { op: 'replace', path: '/metadata/resourceVersion', value: '1' },
            { op: 'replace', path: '/metadata/managedFields', value: [] },
            { op: 'replace', path: '/status', value: { phase: 'Failed' } },
            { op: 'add', path: '/metadata/labels', value: { seen: 'yes' } },
          ],
    ),
  );
  await using _ = api;
  const made = await admin.create(Pods, pod);
  const updated = await admin.patch(Pods, made.metadata, {
    type: 'merge',
    body: { metadata: { annotations: { a: 'b' } } },
  });
  assert.equal(updated.metadata.uid, made.metadata.uid);
  assert.deepEqual(updated.metadata.labels, { seen: 'yes' });
  assert.equal(updated.status?.phase, 'Pending');
  assert.notEqual(updated.metadata.managedFields?.length ?? 0, 0);
});

test('the last phase sees the object after guards and checks, all its plugins at once', async () => {
  const steps: string[] = [];
  const waits = Promise.withResolvers<void>();
  const last = (name: string, work: () => Promise<void>): AdmissionPlugin => ({
    name,
    validate: ({ type }) => (type.resource === 'pods' ? work() : undefined),
  });
  const { api, admin } = await startWith(
    {
      name: 'Guard',
      guard: ({ type, object }) =>
        void (type.resource === 'pods' && steps.push(`guard ${(object as Pod).spec.dnsPolicy}`)),
    },
    last('First', async () => {
      steps.push('first');
      await waits.promise;
      throw new Error('refused by the first');
    }),
    last('Second', async () => {
      steps.push('second');
      waits.resolve();
      throw new Error('refused by the second');
    }),
  );
  await using _ = api;
  await assert.rejects(admin.create(Pods, pod), /refused by the first/);
  assert.deepEqual(steps, ['guard ClusterFirst', 'first', 'second']);
});

test('a write that loses races is admitted once for each state that it finds, and never again for one', async () => {
  const key = { namespace: 'default', name: 'p' };
  const seen: string[] = [];
  let racesToLose = 2;
  const { api, admin, client } = await startWith({
    name: 'Webhook',
    async validate({ type, operation, old, user }) {
      if (type !== Pods || operation !== 'UPDATE' || user.name !== 'jane') return;
      seen.push(old!.metadata.resourceVersion!);
      if (racesToLose-- <= 0) return;
      await admin.patch(Pods, key, {
        type: 'merge',
        body: { metadata: { annotations: { race: String(racesToLose) } } },
      });
    },
  });
  await using _ = api;
  const made = await admin.create(Pods, pod);
  const patched = await client.patch(Pods, key, { type: 'merge', body: { metadata: { labels: { of: 'jane' } } } });
  assert.deepEqual([patched.metadata.labels, patched.metadata.annotations], [{ of: 'jane' }, { race: '0' }]);
  assert.deepEqual([seen[0], seen.length, new Set(seen).size], [made.metadata.resourceVersion, 3, 3]);
});
