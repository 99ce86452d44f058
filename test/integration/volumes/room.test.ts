import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Events,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  type PersistentVolumeClaim,
} from '../../../src/api/core/v1/types.ts';
import { StorageClasses } from '../../../src/api/storage/v1/types.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';

const namespace = 'default';

async function make(cluster: TestCluster, name: string, storage: string, more: object = {}): Promise<void> {
  const spec = { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage } }, ...more };
  await cluster.client.create(PersistentVolumeClaims, { metadata: { namespace, name }, spec });
  const containers = [{ name: 'app', image: 'app:v1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }];
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: name } }];
  await cluster.client.create(Pods, {
    metadata: { namespace, name },
    spec: { containers, volumes, terminationGracePeriodSeconds: 0 },
  });
}

const claimOf = ({ client }: TestCluster, name: string): Promise<PersistentVolumeClaim> =>
  client.get(PersistentVolumeClaims, { namespace, name });
const isRunning = async ({ client }: TestCluster, name: string): Promise<boolean> =>
  (await client.get(Pods, { namespace, name })).status?.phase === 'Running';
const events = async ({ client }: TestCluster, about: string): Promise<string[]> =>
  (await client.list(Events, { namespace })).items
    .filter(({ involvedObject }) => `${involvedObject.kind}/${involvedObject.name}` === about)
    .map(({ reason, message }) => `${reason}: ${message}`);

test('of two claims for the same room one is told to wait, and gets it when the other goes', async () => {
  await using cluster = await startTestCluster({ nodes: 1, volumes: true });
  await cluster.clock.advance(1000);
  await Promise.all([make(cluster, 'a', '40Gi'), make(cluster, 'b', '40Gi')]);
  await cluster.until(async () => (await isRunning(cluster, 'a')) || (await isRunning(cluster, 'b')));
  await cluster.clock.advance(5000);
  const [has, waits] = (await isRunning(cluster, 'a')) ? ['a', 'b'] : ['b', 'a'];
  assert.equal((await claimOf(cluster, waits)).status?.phase, 'Pending');
  assert.ok((await events(cluster, `Pod/${waits}`)).some((text) => text.startsWith('FailedScheduling: ')));

  await cluster.client.delete(Pods, { namespace, name: has });
  await cluster.client.delete(PersistentVolumeClaims, { namespace, name: has });
  await cluster.until(() => isRunning(cluster, waits), 400_000);
  assert.equal((await claimOf(cluster, waits)).status?.capacity?.['storage'], '40Gi');
});

test('a volume to be retained outlives its claim, and only grows where there is room', async () => {
  await using cluster = await startTestCluster({ nodes: 1, volumes: true });
  const standard = await cluster.client.get(StorageClasses, { name: 'standard' });
  const { provisioner, volumeBindingMode } = standard;
  await cluster.client.create(StorageClasses, {
    metadata: { name: 'kept' },
    provisioner,
    ...(volumeBindingMode && { volumeBindingMode }),
    reclaimPolicy: 'Retain',
    allowVolumeExpansion: true,
  });
  await make(cluster, 'data', '1Gi', { storageClassName: 'kept' });
  await cluster.until(() => isRunning(cluster, 'data'));
  const ask = (storage: string) =>
    cluster.client.patch(
      PersistentVolumeClaims,
      { namespace, name: 'data' },
      { type: 'merge', body: { spec: { resources: { requests: { storage } } } } },
    );
  await ask('100Gi');
  await cluster.clock.advance(1000);
  assert.equal((await claimOf(cluster, 'data')).status?.capacity?.['storage'], '1Gi');
  const { volumeName } = (await claimOf(cluster, 'data')).spec;
  assert.ok(
    (await events(cluster, 'PersistentVolumeClaim/data')).includes(
      `VolumeResizeFailed: resize volume "${volumeName}" by resizer "local.kubeling.dev" failed: node "node-1" has no room for 100Gi`,
    ),
  );
  await ask('2Gi');
  await cluster.clock.advance(1000);
  assert.equal((await claimOf(cluster, 'data')).status?.capacity?.['storage'], '2Gi');

  await cluster.client.delete(Pods, { namespace, name: 'data' });
  await cluster.client.delete(PersistentVolumeClaims, { namespace, name: 'data' });
  await cluster.clock.advance(2000);
  const volumes = async () => (await cluster.client.list(PersistentVolumes)).items.map(({ status }) => status?.phase);
  assert.deepEqual(await volumes(), ['Released']);
  await cluster.client.delete(PersistentVolumes, { name: volumeName! });
  await cluster.clock.advance(1000);
  assert.deepEqual(await volumes(), []);
});
