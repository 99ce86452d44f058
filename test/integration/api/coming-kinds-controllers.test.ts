import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, Namespaces } from '../../../src/api/core/v1/types.ts';
import type { KubeObject, OwnerReference } from '../../../src/apimachinery/object.ts';
import type { ResourceType } from '../../../src/apimachinery/resource-type.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';
import { widgets } from '../../kit/widgets.ts';

/** The garbage collector and the namespace controller follow the kinds that are served. */

const { kind, v1 } = widgets();

async function isGone(cluster: TestCluster, type: ResourceType, name: string, namespace = 'default'): Promise<boolean> {
  try {
    await cluster.client.get(type, type.namespaced ? { namespace, name } : { name });
    return false;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return true;
    throw error;
  }
}

function ownerReference({ apiVersion, kind: ownerKind, metadata }: KubeObject): OwnerReference {
  return { apiVersion: apiVersion!, kind: ownerKind!, name: metadata.name, uid: metadata.uid! };
}

const place = (name: string, owner?: KubeObject) => ({
  name,
  namespace: 'default',
  ...(owner && { ownerReferences: [ownerReference(owner)] }),
});

test('objects of a kind that came later are collected, and own others, as those of any kind', async () => {
  await using cluster = await startTestCluster({ nodes: 0 });
  const { client } = cluster;
  cluster.plane.api.core.catalogs.add({ kinds: [kind] });
  const root = await client.create(ConfigMaps, { metadata: place('root') });
  const widget = await client.create(v1, { metadata: place('middle', root), spec: { size: 1 } });
  await client.create(ConfigMaps, { metadata: place('leaf', widget) });
  await client.create(v1, { metadata: place('other'), spec: { size: 1 } });
  await client.delete(ConfigMaps, { namespace: 'default', name: 'root' });
  await cluster.until(() => isGone(cluster, ConfigMaps, 'leaf'));
  assert.ok(await isGone(cluster, v1, 'middle'));
  assert.ok(!(await isGone(cluster, v1, 'other')));
});

test('an owner is deleted in the foreground when its dependents of such a kind are gone', async () => {
  await using cluster = await startTestCluster({ nodes: 0 });
  const { client } = cluster;
  cluster.plane.api.core.catalogs.add({ kinds: [kind] });
  const root = await client.create(ConfigMaps, { metadata: place('root') });
  const blocking = { ...ownerReference(root), blockOwnerDeletion: true };
  await client.create(v1, {
    metadata: { name: 'held', namespace: 'default', finalizers: ['example.com/wait'], ownerReferences: [blocking] },
    spec: { size: 1 },
  });
  await client.delete(ConfigMaps, { namespace: 'default', name: 'root' }, { propagationPolicy: 'Foreground' });
  const key = { namespace: 'default', name: 'held' };
  await cluster.until(async () => (await client.get(v1, key)).metadata.deletionTimestamp !== undefined);
  assert.ok(!(await isGone(cluster, ConfigMaps, 'root')));
  await client.patch(v1, key, { type: 'merge', body: { metadata: { finalizers: null } } });
  await cluster.until(() => isGone(cluster, ConfigMaps, 'root'));
});

test('what names an owner of a kind that is not served stays, and is collected when the kind comes without it', async () => {
  await using cluster = await startTestCluster({ nodes: 0 });
  const { client } = cluster;
  const owner = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'never', uid: 'never-there' } };
  await client.create(ConfigMaps, { metadata: place('waiting', owner) });
  await cluster.clock.advance(90_000);
  assert.ok(!(await isGone(cluster, ConfigMaps, 'waiting')));
  cluster.plane.api.core.catalogs.add({ kinds: [kind] });
  await cluster.until(() => isGone(cluster, ConfigMaps, 'waiting'));
});

test('what a kind owned that has gone stays', async () => {
  await using cluster = await startTestCluster({ nodes: 0 });
  const { client } = cluster;
  const { catalogs } = cluster.plane.api.core;
  catalogs.add({ kinds: [kind] });
  const widget = await client.create(v1, { metadata: place('owner'), spec: { size: 1 } });
  await client.create(ConfigMaps, { metadata: place('owned', widget) });
  await cluster.clock.advance(1000);
  catalogs.remove([kind]);
  await client.patch(
    ConfigMaps,
    { namespace: 'default', name: 'owned' },
    { type: 'merge', body: { metadata: { labels: { look: 'again' } } } },
  );
  await cluster.clock.advance(90_000);
  assert.ok(!(await isGone(cluster, ConfigMaps, 'owned')));
});

test('a namespace goes when its objects of a kind that came later are gone', async () => {
  await using cluster = await startTestCluster({ nodes: 0 });
  const { client } = cluster;
  cluster.plane.api.core.catalogs.add({ kinds: [kind] });
  await client.create(Namespaces, { metadata: { name: 'team' }, spec: {} });
  await client.create(v1, {
    metadata: { name: 'a', namespace: 'team', finalizers: ['example.com/wait'] },
    spec: { size: 1 },
  });
  await client.delete(Namespaces, { name: 'team' });
  const key = { namespace: 'team', name: 'a' };
  await cluster.until(async () => (await client.get(v1, key)).metadata.deletionTimestamp !== undefined);
  const conditions = async () => (await client.get(Namespaces, { name: 'team' })).status?.conditions ?? [];
  await cluster.until(async () =>
    (await conditions()).some(({ message }) => message?.includes('widgets.example.com has 1 resource instances')),
  );
  await client.patch(v1, key, { type: 'merge', body: { metadata: { finalizers: null } } });
  await cluster.until(() => isGone(cluster, Namespaces, 'team'));
});
