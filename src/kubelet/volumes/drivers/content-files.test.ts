import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap, Secret, Volume } from '../../../api/core/v1/types.ts';
import { makeContainer } from '../../testing/pods.ts';
import { encoded, failedSetUp, messages, settings, setUpVolumes, tls } from '../../testing/volumes.ts';
import { VirtualClock } from '../../../base/virtual-clock.ts';

const rows: { name: string; volume: Omit<Volume, 'name'>; want: Record<string, string> | string }[] = [
  {
    name: 'a ConfigMap',
    volume: { configMap: { name: 'settings' } },
    want: { host: 'db', port: '5432', raw: '\u0001' },
  },
  {
    name: 'keys of a ConfigMap',
    volume: { configMap: { name: 'settings', items: [{ key: 'host', path: 'etc/db', mode: 0o400 }] } },
    want: { 'etc/db': 'db 400' },
  },
  {
    name: 'a key that is not there',
    volume: { configMap: { name: 'settings', items: [{ key: 'x', path: 'x' }] } },
    want: 'configmap references non-existent config key: x',
  },
  {
    name: 'an optional key that is not there',
    volume: { configMap: { name: 'settings', optional: true, items: [{ key: 'x', path: 'x' }] } },
    want: {},
  },
  {
    name: 'a ConfigMap that is not there',
    volume: { configMap: { name: 'none' } },
    want: 'configmap "none" not found',
  },
  { name: 'an optional one', volume: { configMap: { name: 'none', optional: true } }, want: {} },
  {
    name: 'a Secret for its owner only',
    volume: { secret: { secretName: 'tls', defaultMode: 0o400 } },
    want: { key: 'secret 400' },
  },
  { name: 'a Secret that is not there', volume: { secret: { secretName: 'none' } }, want: 'secret "none" not found' },
  {
    name: 'a key of a Secret that is not there',
    volume: { secret: { secretName: 'tls', items: [{ key: 'x', path: 'x' }] } },
    want: 'references non-existent secret key: x',
  },
  {
    name: 'a path upwards',
    volume: { configMap: { name: 'settings', items: [{ key: 'host', path: 'a/../../b' }] } },
    want: 'invalid path: must be relative and stay below the volume: a/../../b',
  },
  {
    name: 'fields of the pod',
    volume: {
      downwardAPI: {
        items: [
          { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
          { path: 'cpu', resourceFieldRef: { containerName: 'app', resource: 'limits.cpu' } },
        ],
      },
    },
    want: { labels: 'a="x\\"y"\nb="2"', cpu: '4' },
  },
  {
    name: 'a projection of several',
    volume: {
      projected: {
        sources: [
          { configMap: { name: 'settings', items: [{ key: 'host', path: 'host' }] } },
          { secret: { name: 'tls' } },
          { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
        ],
      },
    },
    want: { host: 'db', key: 'secret', token: 'token 1 for 3607' },
  },
  {
    name: 'a projection of which two are missing',
    volume: { projected: { sources: [{ configMap: { name: 'none' } }, { secret: { name: 'nothing' } }] } },
    want: '[configmap "none" not found, secret "nothing" not found]',
  },
  {
    name: 'a projection of which the API server has left nothing of one source',
    volume: {
      projected: { sources: [{}, { configMap: { name: 'settings', items: [{ key: 'host', path: 'host' }] } }] },
    },
    want: { host: 'db' },
  },
];
for (const { name, volume, want } of rows)
  test(`files: ${name}`, async () => {
    const { volumes, written, pod } = setUpVolumes({ name: 'v', ...volume });
    const told = await messages(volumes.setUp(pod));
    if (typeof want === 'string') assert.deepEqual(told, [failedSetUp('v', want)]);
    else assert.deepEqual(written.at(-1), want);
    await volumes.tearDown('u1');
  });

test('a pod has no more files than its node and agent can hold', async () => {
  const sources = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      secret: { name: 'large', items: [{ key: 'data', path: `${at}` }] },
    }));
  const { volumes, pod, objects, written } = setUpVolumes({ name: 'v', projected: { sources: sources(40) } });
  objects.put('secrets', { metadata: { name: 'large' }, data: { data: encoded('x'.repeat(2 ** 20)) } } as Secret);
  assert.deepEqual(await messages(volumes.setUp(pod)), []);
  const second = { name: 'w', projected: { sources: sources(40) } };
  const volumeMounts = ['v', 'w'].map((name) => ({ name, mountPath: `/${name}` }));
  const containers = [makeContainer('app', { volumeMounts })];
  const both = { ...pod, spec: { ...pod.spec, volumes: [...pod.spec.volumes!, second], containers } };
  const message = "files of the pod's volumes are more than 64Mi together";
  assert.deepEqual(await messages(volumes.setUp(both)), [failedSetUp('w', message)]);
  objects.put('secrets', { metadata: { name: 'large' }, data: { data: encoded('x') } } as Secret);
  assert.deepEqual(await messages(volumes.setUp(both)), []);
  await settled();
  assert.deepEqual(new Set(written.slice(1).flatMap((files) => Object.values(files))), new Set(['x']));
  await volumes.tearDown('u1');
});

test('one volume has no more files either, of whatever size', async () => {
  const items = (key: string, count: number) => Array.from({ length: count }, (_, at) => ({ key, path: `${at}` }));
  const large = { name: 'v', secret: { secretName: 'large', items: items('data', 100_000) } };
  const { volumes, pod, objects } = setUpVolumes(large);
  objects.put('secrets', {
    metadata: { name: 'large' },
    data: { data: encoded('x'.repeat(2 ** 20)), empty: '' },
  } as Secret);
  const message = "files of the pod's volumes are more than 64Mi together";
  assert.deepEqual(await messages(volumes.setUp(pod)), [failedSetUp('v', message)]);
  await volumes.tearDown('u1');
  const empty = { name: 'v', secret: { secretName: 'large', items: items('empty', 100_000) } };
  const other = { ...pod, spec: { ...pod.spec, volumes: [empty] } };
  assert.deepEqual(await messages(volumes.setUp(other)), [failedSetUp('v', message)]);
  await volumes.tearDown('u1');
});

test('files follow their source, and only when something has changed', async () => {
  const { volumes, written, pod, objects } = setUpVolumes({
    name: 'v',
    configMap: { name: 'settings', items: [{ key: 'host', path: 'host' }] },
  });
  await volumes.setUp(pod);
  const withData = (data: Record<string, string>): ConfigMap => ({ ...settings, data });
  objects.put('configmaps', withData({ host: 'db', port: '1' }));
  objects.put('configmaps', withData({ host: 'db2' }));
  await settled();
  assert.deepEqual(written, [{ host: 'db' }, { host: 'db2' }]);
  objects.remove('configmaps', 'settings');
  await settled();
  assert.equal(written.length, 2, 'files stay when their source is gone');
  await volumes.tearDown('u1');
  assert.equal(objects.followers(), 0);
});

test('a volume that waits for its source asks to be tried again when that comes', async () => {
  const { volumes, pod, objects, retried } = setUpVolumes({ name: 'v', secret: { secretName: 'late' } });
  assert.equal((await messages(volumes.setUp(pod))).length, 1);
  objects.put('secrets', { ...tls, metadata: { name: 'late' } });
  assert.deepEqual(retried, ['u1']);
  assert.deepEqual(await messages(volumes.setUp(pod)), []);
});

test('a token is renewed in time', async () => {
  const { volumes, written, pod, clock } = setUpVolumes({
    name: 'v',
    projected: { sources: [{ serviceAccountToken: { path: 'token' } }] },
  });
  await volumes.setUp(pod);
  await clock.advance(79_000);
  assert.equal(written.length, 1);
  await clock.advance(2000);
  assert.deepEqual(written.at(-1), { token: 'token 2 for 3600' });
  await volumes.tearDown('u1');
  assert.equal(clock.pendingTimers, 0);
});

test('labels in a file follow the pod', async () => {
  const { volumes, written, pod } = setUpVolumes({
    name: 'v',
    downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
  });
  await volumes.setUp(pod);
  volumes.podChanged({ ...pod, metadata: { ...pod.metadata, labels: { c: '3' } } });
  await settled();
  assert.deepEqual(written.at(-1), { labels: 'c="3"' });
});

async function settled(): Promise<void> {
  await new VirtualClock().settle();
}
