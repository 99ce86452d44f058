import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, Events } from '../../api/core/v1/types.ts';
import { servedResources } from '../../api/resources.ts';
import type { KubeObject, OwnerReference } from '../../apimachinery/object.ts';
import { SmallCluster } from '../../reconciler/testing/small-cluster.ts';
import { garbageCollector } from './garbage-collector.ts';

/** A garbage collector of ConfigMaps, which begins when `prepare` has made its objects. */
async function collecting(prepare: (cluster: SmallCluster) => Promise<void>, then: typeof prepare): Promise<void> {
  await using cluster = new SmallCluster();
  const facts = servedResources.filter(({ type }) => type.kind === 'ConfigMap');
  await prepare(cluster);
  cluster.start(garbageCollector({ current: () => facts, onChange: () => () => undefined }));
  await then(cluster);
}

const referenceTo = ({ metadata }: KubeObject): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: metadata.name,
  uid: metadata.uid!,
  blockOwnerDeletion: true,
});
const place = (name: string, ...ownerReferences: OwnerReference[]) => ({ name, namespace: 'default', ownerReferences });

test('the dependents of an owner that is gone ask for it once', async () => {
  await collecting(
    async ({ client }) => {
      const owner = await client.create(ConfigMaps, { metadata: place('owner') });
      for (let i = 0; i < 30; i++) await client.create(ConfigMaps, { metadata: place(`d${i}`, referenceTo(owner)) });
    },
    async ({ client, server, clock }) => {
      await clock.advance(1000);
      server.calls.length = 0;
      await client.delete(ConfigMaps, place('owner'));
      await clock.advance(1000);
      assert.deepEqual(server.all(ConfigMaps), []);
      assert.equal(server.calls.filter((call) => call === 'get configmaps default/owner').length, 1);
    },
  );
});

test('a reference that was added meanwhile outlasts the breaking of a circle', async () => {
  const finalizers = ['foregroundDeletion', 'example.com/held'];
  const going = { finalizers, deletionTimestamp: '2026-01-01T00:00:00Z' };
  await collecting(
    async ({ client, server }) => {
      const a = await client.create(ConfigMaps, { metadata: { ...place('a'), ...going } });
      const b = await client.create(ConfigMaps, { metadata: { ...place('b'), ...going } });
      const held = { finalizers: ['example.com/held'] };
      const middle = await client.create(ConfigMaps, { metadata: { ...place('middle', referenceTo(a)), ...held } });
      await client.create(ConfigMaps, { metadata: { ...place('other', referenceTo(b)), ...held } });
      await client.create(ConfigMaps, { metadata: { ...place('leaf', referenceTo(middle)), ...going } });
      // Somebody is faster: just before the collector looks, which its caches do not see yet.
      server.check = ({ verb, name }) => {
        if (verb !== 'get' || name !== 'middle') return;
        server.check = () => {};
        server.muted = true;
        const ownerReferences = [referenceTo(a), referenceTo(b)];
        void client.update(ConfigMaps, { ...middle, metadata: { ...middle.metadata, ownerReferences } });
      };
    },
    async ({ client, clock }) => {
      await clock.advance(100);
      const { metadata } = await client.get(ConfigMaps, place('middle'));
      assert.deepEqual(
        metadata.ownerReferences?.map(({ name, blockOwnerDeletion }) => [name, blockOwnerDeletion]),
        [
          ['a', false],
          ['b', false],
        ],
      );
    },
  );
});

test('an owner in another namespace is none, and the object is told', async () => {
  await collecting(
    async ({ client }) => {
      const owner = await client.create(ConfigMaps, { metadata: { name: 'owner', namespace: 'other' } });
      await client.create(ConfigMaps, { metadata: place('a', referenceTo(owner)) });
      await client.create(ConfigMaps, { metadata: place('b', referenceTo(owner)) });
    },
    async ({ server, clock }) => {
      await clock.advance(1000);
      const left = server.all(ConfigMaps);
      assert.deepEqual(
        left.map(({ metadata }) => metadata.name),
        ['owner'],
      );
      const { uid } = left[0]!.metadata;
      const message = `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${uid}] does not exist in namespace "default"`;
      assert.deepEqual(
        server
          .all(Events)
          .map((event) => [event.metadata.namespace, event.involvedObject.name, event.reason, event.message]),
        ['a', 'b'].map((name) => ['default', name, 'OwnerRefInvalidNamespace', message]),
      );
    },
  );
});
