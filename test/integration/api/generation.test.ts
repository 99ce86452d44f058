import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Deployments, type Deployment } from '../../../src/api/apps/v1/types.ts';
import { Namespaces } from '../../../src/api/core/v1/types.ts';
import { EndpointSlices } from '../../../src/api/discovery/v1/types.ts';
import { ServiceCIDRs } from '../../../src/api/networking/v1/types.ts';
import type { KubeObject, ObjectKey } from '../../../src/apimachinery/object.ts';
import type { ResourceType } from '../../../src/apimachinery/resource-type.ts';
import { superuser, type ApiServer } from '../../../src/apiserver/api-server.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import type { Client } from '../../../src/client/client.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';

let api: ApiServer;
let admin: Client;
before(async () => {
  api = await startMemoryApi();
  admin = createClient(api.transport(superuser, 'test'));
});
after(() => api[Symbol.asyncDispose]());

const key = { namespace: 'default', name: 'a' };
const deployment = {
  metadata: { ...key, labels: { a: 'b' } },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a' }] } },
  },
} as Deployment;

async function generationsAfter<T extends KubeObject>(type: ResourceType<T>, at: ObjectKey, changes: object[]) {
  const generations: unknown[] = [];
  for (const body of changes)
    generations.push((await admin.patch(type, at, { type: 'merge', body })).metadata.generation);
  return generations;
}

const labels = { metadata: { labels: { c: 'd' } } };
const annotations = { metadata: { annotations: { c: 'd' } } };

test('annotations of a Deployment, and labels of an EndpointSlice, raise their generation as a change of the rest does', async () => {
  await admin.create(Deployments, deployment);
  const scale = { spec: { replicas: 3 } };
  const none = { metadata: { annotations: { none: null } } };
  const emptied = { metadata: { annotations: { c: null } } };
  const deployed = await generationsAfter(Deployments, key, [none, labels, annotations, annotations, scale, emptied]);
  assert.deepEqual(deployed, [1, 1, 2, 2, 3, 4]);
  await admin.create(EndpointSlices, { metadata: key, addressType: 'IPv4', endpoints: [] });
  const ports = { ports: [{ name: 'a', port: 1, protocol: 'TCP' }] };
  assert.deepEqual(await generationsAfter(EndpointSlices, key, [annotations, labels, labels, ports]), [1, 2, 2, 3]);
  await admin.delete(Deployments, key);
});

test('the status of a Deployment writes annotations without a new generation, but no labels, which nobody owns through it', async () => {
  await admin.create(Deployments, deployment);
  const body = { metadata: { labels: { c: 'd' }, annotations: { c: 'd' } }, status: { observedGeneration: 1 } };
  const { metadata, status } = await admin.patch(
    Deployments,
    key,
    { type: 'merge', body },
    { subresource: 'status', fieldManager: 'status' },
  );
  assert.deepEqual(
    [metadata.generation, metadata.labels, metadata.annotations, status],
    [1, { a: 'b' }, { c: 'd' }, { observedGeneration: 1 }],
  );
  const owned = metadata.managedFields?.find(({ manager }) => manager === 'status');
  assert.deepEqual(owned?.fieldsV1, {
    'f:metadata': { 'f:annotations': { '.': {}, 'f:c': {} } },
    'f:status': { 'f:observedGeneration': {} },
  });
});

test('the status of a ServiceCIDR writes no metadata', async () => {
  const name = 'a';
  await admin.create(ServiceCIDRs, { metadata: { name, finalizers: ['a.b/c'] }, spec: { cidrs: ['10.200.0.0/24'] } });
  const body = { metadata: { labels: { c: 'd' }, annotations: { c: 'd' }, finalizers: [] } };
  const { metadata } = await admin.patch(ServiceCIDRs, { name }, { type: 'merge', body }, { subresource: 'status' });
  assert.deepEqual([metadata.labels, metadata.annotations, metadata.finalizers], [undefined, undefined, ['a.b/c']]);
});

test('what finalizes a namespace writes its metadata, too', async () => {
  const made = await admin.create(Namespaces, { metadata: { name: 'ending' }, spec: {} });
  const wanted = { ...made, metadata: { ...made.metadata, annotations: { c: 'd' } }, spec: { finalizers: ['a.b/c'] } };
  const { metadata, spec } = await admin.update(Namespaces, wanted, { subresource: 'finalize' });
  assert.deepEqual([metadata.annotations, spec?.finalizers], [{ c: 'd' }, ['a.b/c']]);
});
