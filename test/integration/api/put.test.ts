import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeObject } from '../../../src/apimachinery/object.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { superuser, type ApiServer } from '../../../src/apiserver/api-server.ts';
import type { UserInfo } from '../../../src/apiserver/auth/auth.ts';
import { ConfigMaps, EndpointsResource as Endpoints, Pods, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { Leases } from '../../../src/api/coordination/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles } from '../../../src/api/rbac/v1/types.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import type { Client } from '../../../src/client/client.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';
import { minimalObject } from '../../kit/minimal-objects.ts';

let api: ApiServer;
let admin: Client;
before(async () => {
  api = await startMemoryApi();
  admin = createClient(api.transport(superuser, 'test'));
  await admin.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

/** As upstream's strategies say (pkg/registry/…/strategy.go). */
const createdByPut = [
  'clusterrolebindings',
  'clusterroles',
  'endpoints',
  'events',
  'leases',
  'limitranges',
  'rolebindings',
  'roles',
  'runtimeclasses',
  'services',
];
const versionDemanded = [
  'apiservices',
  'csidrivers',
  'csinodes',
  'csistoragecapacities',
  'leases',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'mutatingwebhookconfigurations',
  'poddisruptionbudgets',
  'runtimeclasses',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'validatingwebhookconfigurations',
  'volumeattachments',
];

const container = { containers: [{ name: 'a', image: 'a' }] };
const template = { metadata: { labels: { a: 'b' } }, spec: container };
const selector = { matchLabels: { a: 'b' } };
const role = { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' } };
/** What a kind's objects need at least, where that is not among the minimal objects of the kit. */
const bodies: Record<string, object> = {
  clusterrolebindings: role,
  rolebindings: role,
  controllerrevisions: { revision: 1, data: {} },
  daemonsets: { spec: { selector, template } },
  deployments: { spec: { selector, template } },
  replicasets: { spec: { selector, template } },
  replicationcontrollers: { spec: { selector: { a: 'b' }, template } },
  'events.k8s.io/events': {
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'a.b/c',
    reportingInstance: 'a',
    action: 'a',
    reason: 'a',
    type: 'Normal',
    regarding: { namespace: 'default' },
  },
  '/events': { involvedObject: { namespace: 'default' } },
  endpointslices: { addressType: 'IPv4', endpoints: [] },
  ingresses: { spec: { defaultBackend: { service: { name: 'a', port: { number: 1 } } } } },
  ingressclasses: { spec: { controller: 'a.b/c' } },
  ipaddresses: { spec: { parentRef: { resource: 'services', name: 'a' } } },
  leases: { spec: {} },
  nodes: {},
  poddisruptionbudgets: { spec: { minAvailable: 1, selector } },
  pods: { spec: container },
  podtemplates: { template },
  priorityclasses: { value: 1 },
  runtimeclasses: { handler: 'a' },
  services: { spec: { ports: [{ port: 80 }] } },
  statefulsets: { spec: { selector, template } },
  servicecidrs: { spec: { cidrs: ['10.200.0.0/24'] } },
};

test('every kind: what PUT creates, and where it demands a version', async () => {
  const created: string[] = [];
  const demanding: string[] = [];
  const { versions } = api.core.catalogs.current;
  // The server itself writes to definitions as soon as they are made: custom-resources.test.ts has them.
  const isOurs = (resource: string) => resource !== 'customresourcedefinitions';
  const kinds = versions.filter(({ type, facts }) => facts.verbs.includes('update') && isOurs(type.resource));
  assert.ok(kinds.length > 20);
  for (const { type } of kinds) {
    const id = `${type.group}/${type.resource}`;
    // What the object is for is its name.
    const name = { ipaddresses: '10.200.0.7', apiservices: 'v1.example.com' }[type.resource] ?? 'put';
    const metadata = { name, ...(type.namespaced && { namespace: 'default' }) };
    const object = { ...(bodies[id] ?? bodies[type.resource] ?? minimalObject(type, name)), metadata } as KubeObject;
    let made: KubeObject;
    try {
      made = await admin.update(type, object);
      created.push(type.resource);
    } catch (error) {
      assert.ok(isStatus(error, 'NotFound'), `${id}: ${(error as Error).message}`);
      made = await admin.create(type, object);
    }
    const { resourceVersion, ...known } = made.metadata;
    const label = { ...made, metadata: { ...known, labels: { a: 'b' } } };
    try {
      await admin.update(type, label);
    } catch (error) {
      assert.ok(isStatus(error, 'Invalid'), `${id}: ${(error as Error).message}`);
      assert.equal(
        error.message,
        `${type.resource}.${type.group} "${name}" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`,
      );
      demanding.push(type.resource);
      await admin.update(type, { ...label, metadata: { ...label.metadata, resourceVersion: resourceVersion! } });
    }
    await admin.delete(type, metadata, { gracePeriodSeconds: 0 });
  }
  assert.deepEqual([...new Set(created)].sort(), createdByPut);
  assert.deepEqual(demanding.sort(), versionDemanded);
});

const lease = { namespace: 'default', name: 'leader' };

test('a PUT creates only for who may create, and an apply too', async () => {
  const rbac = 'rbac.authorization.k8s.io';
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'update', 'patch'] }];
  const subjects = [{ kind: 'User', name: 'jane', apiGroup: rbac }];
  await admin.create(ClusterRoles, { metadata: { name: 'updater' }, rules });
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: 'updater' };
  await admin.create(ClusterRoleBindings, { metadata: { name: 'updater' }, roleRef, subjects });
  const jane: UserInfo = { name: 'jane', groups: ['system:authenticated'] };
  const client = createClient(api.transport(jane, 'test'));
  const refused = (error: unknown) =>
    isStatus(error, 'Forbidden') && /^leases.coordination.k8s.io "leader" is forbidden: .*create/.test(error.message);
  await assert.rejects(client.update(Leases, { metadata: lease, spec: {} }), refused);
  const body = { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata: lease, spec: {} };
  await assert.rejects(client.patch(Leases, lease, { type: 'apply', body }, { fieldManager: 'test' }), refused);
  await assert.rejects(admin.get(Leases, lease), (error) => isStatus(error, 'NotFound'));
});

test('a PUT of what is not there takes no version along, and keeps to the uid that it says', async () => {
  const made = await admin.update(Leases, {
    metadata: { ...lease, resourceVersion: '5' },
    spec: { holderIdentity: 'a' },
  });
  assert.equal(made.spec?.holderIdentity, 'a');
  await admin.delete(Leases, lease);
  await assert.rejects(
    admin.update(Leases, { metadata: { ...lease, uid: 'x' }, spec: {} }),
    (error) => isStatus(error, 'Conflict') && error.message.endsWith('UID in precondition: x, UID in object meta: '),
  );
});

test('a PUT of what has been deleted finds nothing, of a kind that PUT does not create', async () => {
  const made = await admin.create(ConfigMaps, { metadata: lease });
  await admin.delete(ConfigMaps, lease);
  await assert.rejects(admin.update(ConfigMaps, made), (error) => isStatus(error, 'NotFound'));
});

test('of many PUTs that would create, one does and the others update', async () => {
  const names = Array.from({ length: 20 }, (_, at) => `writer-${at}`);
  const key = { namespace: 'default', name: 'raced' };
  const outcomes = await Promise.all(
    names.map((name) => admin.update(Endpoints, { metadata: { ...key, labels: { name } } })),
  );
  assert.equal(new Set(outcomes.map(({ metadata }) => metadata.uid)).size, 1);
  assert.equal(new Set(outcomes.map(({ metadata }) => metadata.resourceVersion)).size, names.length);
});

test('PUTs of a pod that race all go through, and what they say again stays as it is', async () => {
  const containers = [{ name: 'app', image: 'app', resources: { requests: { cpu: '1000m' } } }];
  const { metadata } = await admin.create(Pods, {
    metadata: { name: 'raced', namespace: 'default' },
    spec: { containers },
  });
  const before = await admin.get(Pods, metadata);
  const { resourceVersion: _version, ...unversioned } = before.metadata;
  const rounds = Array.from({ length: 8 }, (_, at) => String(at));
  const answers = await Promise.all(
    rounds.map((round) => admin.update(Pods, { ...before, metadata: { ...unversioned, labels: { round } } })),
  );
  assert.deepEqual(
    answers.map((answer) => answer.metadata.labels?.['round']),
    rounds,
  );
  const after = await admin.get(Pods, metadata);
  assert.deepEqual([after.spec, after.status], [before.spec, before.status]);
  assert.equal(after.metadata.generation, before.metadata.generation);
  const changed = { ...after, spec: { ...after.spec, containers: [{ ...after.spec.containers[0]!, name: 'other' }] } };
  await assert.rejects(admin.update(Pods, changed), (error) => isStatus(error, 'Invalid'));
});
