import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap, Secret, Volume } from '../../api/core/v1/types.ts';
import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { ObjectSource } from '../objects/object-source.ts';
import { containersOf } from '../pods/pod-containers.ts';
import { makeContainer, makePod } from '../testing/pods.ts';
import { StartRefusal } from '../pods/start-refusal.ts';
import { SimulatedRuntime } from '../runtime/simulated/simulated-runtime.ts';
import { PodVolumes } from './pod-volumes.ts';
import { noVolumeDisk, type VolumeDisk, type VolumeFile } from './volume-disk.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');
const settings: ConfigMap = {
  metadata: { name: 'settings' },
  data: { host: 'db', port: '5432' },
  binaryData: { raw: encoded('\u0001') },
};
const tls: Secret = { metadata: { name: 'tls' }, data: { key: encoded('secret') } };

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
  {
    name: 'a claim that is not there',
    volume: { persistentVolumeClaim: { claimName: 'none' } },
    want: 'persistentvolumeclaim "none" not found',
  },
  {
    name: 'a claim without a volume',
    volume: { persistentVolumeClaim: { claimName: 'free' } },
    want: 'PVC default/free is not bound',
  },
  {
    name: 'a claim of storage that no node of ours can mount',
    volume: { persistentVolumeClaim: { claimName: 'remote' } },
    want: 'volumes of type nfs are not supported: volume "v"',
  },
  {
    name: 'a claim of a block volume that is mounted',
    volume: { persistentVolumeClaim: { claimName: 'block' } },
    want: 'volume v has volumeMode Block, but is specified in volumeMounts',
  },
  {
    name: 'a claim whose volume is mounted with options',
    volume: { persistentVolumeClaim: { claimName: 'options' } },
    want: 'Mount options are not supported for this volume type',
  },
  {
    name: 'huge pages',
    volume: { emptyDir: { medium: 'HugePages-2Mi' } },
    want: 'medium HugePages-2Mi: hugePages storage requested, but there is no resource request for huge pages',
  },
  { name: 'another medium', volume: { emptyDir: { medium: 'Tape' } }, want: 'unknown storage medium "Tape"' },
  {
    name: 'a kind that there is not',
    volume: { nfs: { server: 's', path: '/' } },
    want: 'volumes of type nfs are not supported: volume "v"',
  },
];
for (const { name, volume, want } of rows)
  test(`volume: ${name}`, async () => {
    const { volumes, written, pod } = setUp({ name: 'v', ...volume });
    const failures = await volumes.setUp(pod);
    if (typeof want === 'string') assert.deepEqual(failures, [{ volume: 'v', message: want }]);
    else assert.deepEqual(written.at(-1), want);
    await volumes.tearDown('u1');
  });

test('a pod has no more files than its node and agent can hold', async () => {
  const sources = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      secret: { name: 'large', items: [{ key: 'data', path: `${at}` }] },
    }));
  const { volumes, pod, objects, written } = setUp({ name: 'v', projected: { sources: sources(40) } });
  objects.put('secrets', { metadata: { name: 'large' }, data: { data: encoded('x'.repeat(2 ** 20)) } } as Secret);
  assert.deepEqual(await volumes.setUp(pod), []);
  const second = { name: 'w', projected: { sources: sources(40) } };
  const volumeMounts = ['v', 'w'].map((name) => ({ name, mountPath: `/${name}` }));
  const containers = [makeContainer('app', { volumeMounts })];
  const both = { ...pod, spec: { ...pod.spec, volumes: [...pod.spec.volumes!, second], containers } };
  const message = "files of the pod's volumes are more than 64Mi together";
  assert.deepEqual(await volumes.setUp(both), [{ volume: 'w', message }]);
  objects.put('secrets', { metadata: { name: 'large' }, data: { data: encoded('x') } } as Secret);
  assert.deepEqual(await volumes.setUp(both), []);
  await settled();
  assert.deepEqual(new Set(written.slice(1).flatMap((files) => Object.values(files))), new Set(['x']));
  await volumes.tearDown('u1');
});

test('one volume has no more files either, of whatever size', async () => {
  const items = (key: string, count: number) => Array.from({ length: count }, (_, at) => ({ key, path: `${at}` }));
  const large = { name: 'v', secret: { secretName: 'large', items: items('data', 100_000) } };
  const { volumes, pod, objects } = setUp(large);
  objects.put('secrets', {
    metadata: { name: 'large' },
    data: { data: encoded('x'.repeat(2 ** 20)), empty: '' },
  } as Secret);
  const message = "files of the pod's volumes are more than 64Mi together";
  assert.deepEqual(await volumes.setUp(pod), [{ volume: 'v', message }]);
  await volumes.tearDown('u1');
  const empty = { name: 'v', secret: { secretName: 'large', items: items('empty', 100_000) } };
  assert.deepEqual(await volumes.setUp({ ...pod, spec: { ...pod.spec, volumes: [empty] } }), [
    { volume: 'v', message },
  ]);
  await volumes.tearDown('u1');
});

const devices: [claim: string, want: string][] = [
  ['data', 'volume v has volumeMode Filesystem, but is specified in volumeDevices'],
  ['block', 'PVC default/block is a block volume, which is not supported'],
];
for (const [claimName, want] of devices)
  test(`a container does not run without its device: ${claimName}`, async () => {
    const { volumes, pod } = setUp({ name: 'v', persistentVolumeClaim: { claimName } });
    const volumeDevices = [{ name: 'v', devicePath: '/dev/v' }];
    const spec = { ...pod.spec, containers: [makeContainer('app', { volumeDevices })] };
    assert.deepEqual(await volumes.setUp({ ...pod, spec }), [{ volume: 'v', message: want }]);
  });

const sizes: { name: string; sizeLimit?: string; limits?: Record<string, string>; want: number }[] = [
  { name: 'its own limit', sizeLimit: '5Mi', limits: { memory: '8Mi' }, want: 5 },
  { name: "the pod's limit", sizeLimit: '16Mi', limits: { memory: '8Mi' }, want: 8 },
  { name: 'what all pods may use', sizeLimit: '1Gi', want: 64 },
  { name: 'what all pods may use, where nothing is said', want: 64 },
];
for (const { name, sizeLimit, limits = {}, want } of sizes)
  test(`a volume in memory is as large as ${name}`, async () => {
    const seen: (number | undefined)[] = [];
    const makeMemory: VolumeDisk['makeMemory'] = async (_place, _ownership, size) => {
      seen.push(size);
      return '/v';
    };
    const emptyDir = { medium: 'Memory', ...(sizeLimit !== undefined && { sizeLimit }) } as const;
    const { volumes, pod } = setUp({ name: 'v', emptyDir }, {}, { makeMemory });
    const [container] = pod.spec.containers;
    const spec = { ...pod.spec, containers: [{ ...container!, resources: { limits } }] };
    assert.deepEqual(await volumes.setUp({ ...pod, spec }), []);
    assert.deepEqual(seen, [want * 2 ** 20]);
  });

test('files follow their source, and only when something has changed', async () => {
  const { volumes, written, pod, objects } = setUp({
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
  const { volumes, pod, objects, retried } = setUp({ name: 'v', secret: { secretName: 'late' } });
  assert.equal((await volumes.setUp(pod)).length, 1);
  objects.put('secrets', { ...tls, metadata: { name: 'late' } });
  assert.deepEqual(retried, ['u1']);
  assert.deepEqual(await volumes.setUp(pod), []);
});

test('a token is renewed in time', async () => {
  const { volumes, written, pod, clock } = setUp({
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
  const { volumes, written, pod } = setUp({
    name: 'v',
    downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
  });
  await volumes.setUp(pod);
  volumes.podChanged({ ...pod, metadata: { ...pod.metadata, labels: { c: '3' } } });
  await settled();
  assert.deepEqual(written.at(-1), { labels: 'c="3"' });
});

const mounts: {
  name: string;
  volume?: object;
  mount: object;
  variables?: Record<string, string>;
  want: object | string;
}[] = [
  {
    name: 'a plain one',
    mount: { mountPath: '/data' },
    want: { containerPath: '/data', hostPath: '/volumes/v', readOnly: false, propagation: 'private' },
  },
  {
    name: 'read-only and propagated',
    mount: { mountPath: 'data', readOnly: true, mountPropagation: 'HostToContainer' },
    want: { containerPath: '/data', hostPath: '/volumes/v', readOnly: true, propagation: 'host-to-container' },
  },
  {
    name: 'a part',
    mount: { mountPath: '/data', subPath: 'a/b' },
    want: { containerPath: '/data', hostPath: '/volumes/v/a/b', readOnly: false, propagation: 'private' },
  },
  {
    name: 'a part named by a variable',
    mount: { mountPath: '/data', subPathExpr: '$(POD)/log' },
    variables: { POD: 'web' },
    want: { containerPath: '/data', hostPath: '/volumes/v/web/log', readOnly: false, propagation: 'private' },
  },
  {
    name: 'a variable that is not there',
    mount: { mountPath: '/data', subPathExpr: '$(POD)/log' },
    want: 'missing value for "$(POD)/log"',
  },
  {
    name: 'a way out',
    mount: { mountPath: '/data', subPath: '../x' },
    want: `unable to provision SubPath "../x": must not contain '..'`,
  },
  {
    name: 'a claim',
    volume: { persistentVolumeClaim: { claimName: 'data' } },
    mount: { mountPath: '/data', subPath: 'a' },
    want: { containerPath: '/data', hostPath: '/disks/data/a', readOnly: false, propagation: 'private' },
  },
  {
    name: 'a claim for reading',
    volume: { persistentVolumeClaim: { claimName: 'data', readOnly: true } },
    mount: { mountPath: '/data' },
    want: { containerPath: '/data', hostPath: '/disks/data', readOnly: true, propagation: 'private' },
  },
  {
    name: 'read-only with all that is mounted below it',
    mount: { mountPath: '/data', readOnly: true, recursiveReadOnly: 'Enabled' },
    want: 'volume "v" requested recursive read-only mode, but it is not supported by the runtime',
  },
  {
    name: 'a volume that is not there',
    mount: { name: 'w', mountPath: '/data' },
    want: 'cannot find volume "w" to mount into container "app"',
  },
];
for (const { name, volume = { emptyDir: {} }, mount, variables = {}, want } of mounts)
  test(`mount: ${name}`, async () => {
    const { volumes, pod } = setUp({ name: 'v', ...volume }, mount);
    await volumes.setUp(pod);
    const made = volumes.mountsOf(pod, containersOf(pod)[0]!, (key) => variables[key]);
    if (typeof want === 'string') await assert.rejects(made, { name: 'ConfigurationError', message: want });
    else assert.deepEqual(await made, [want]);
  });

const imageVolume = { name: 'v', image: { reference: 'data:v1', pullPolicy: 'Always' } } as const;

test('an image is pulled once in the life of a pod, and held as long', async () => {
  const { volumes, pod, runtime } = setUp(imageVolume);
  const image = (await runtime.imageStatus('data:v1'))!;
  assert.deepEqual(await volumes.setUp(pod), []);
  let pulls = 0;
  const pull = async () => (pulls++, image);
  const refusal = new StartRefusal('ErrImagePull', 'no such image', 0);
  await assert.rejects(
    volumes.showImage(pod, imageVolume, () => Promise.reject(refusal)),
    refusal,
  );
  await volumes.showImage(pod, imageVolume, pull);
  await volumes.showImage(pod, imageVolume, pull);
  assert.equal(pulls, 1);
  const [container] = containersOf(pod);
  const mount = { containerPath: '/v', hostPath: '/volumes/v', readOnly: false, propagation: 'private' };
  assert.deepEqual(await volumes.mountsOf(pod, container!, () => undefined), [mount]);
  assert.deepEqual(await runtime.imageHolders(), ['u1']);
  await volumes.tearDown('u1');
  assert.deepEqual(await runtime.imageHolders(), []);
});

test('what an earlier kubelet held for a pod that is gone is found', async () => {
  const { volumes, runtime } = setUp(imageVolume);
  const { id } = (await runtime.imageStatus('data:v1'))!;
  await runtime.holdImage(id, { podUid: 'gone', volume: 'v' });
  assert.deepEqual(await volumes.podUids(), ['gone']);
});

test('an image that cannot be shown, and a folder that it does not have, say so as CRI does', async () => {
  const broken = { makeLayered: () => Promise.reject(new Error('no overlay')) };
  const { volumes, pod } = setUp(imageVolume, {}, broken);
  await assert.rejects(
    volumes.showImage(pod, imageVolume, () => assert.fail()),
    { message: 'ImageVolumeMountFailed: no overlay' },
  );
  const subPath = (...[, , { mustExist }]: Parameters<VolumeDisk['subPath']>) =>
    Promise.reject(new Error(`must exist: ${mustExist}`));
  const other = setUp(imageVolume, { subPath: 'none' }, { subPath });
  await other.volumes.showImage(other.pod, imageVolume, async () => (await other.runtime.imageStatus('data:v1'))!);
  await assert.rejects(
    other.volumes.mountsOf(other.pod, containersOf(other.pod)[0]!, () => undefined),
    { name: 'Error', message: 'ImageVolumeMountFailed: must exist: true' },
  );
});

/** The sources of volumes, by the names of their claims. */
const disks = {
  data: { local: { path: '/disks/data' } },
  remote: { nfs: { server: 's', path: '/' } },
  free: undefined,
  block: { volumeMode: 'Block', local: { path: '/dev/x' } },
  options: { mountOptions: ['noatime'], local: { path: '/disks/options' } },
};

function setUp(volume: Volume, mount: object = {}, disk: Partial<VolumeDisk> = {}) {
  const clock = new VirtualClock();
  const runtime = new SimulatedRuntime({ clock, name: 'node' });
  const objects = new Objects();
  objects.put('configmaps', settings);
  objects.put('secrets', tls);
  const bound = { 'pv.kubernetes.io/bind-completed': 'yes' };
  for (const [name, spec] of Object.entries(disks)) {
    const metadata = { name, uid: `uid-${name}`, annotations: bound };
    const claim = { metadata, spec: { volumeName: name }, status: { phase: spec ? 'Bound' : 'Pending' } };
    objects.put('persistentvolumeclaims', claim as KubeObject);
    objects.put('persistentvolumes', {
      metadata: { name },
      spec: { ...spec, claimRef: { uid: `uid-${name}` } },
    } as KubeObject);
  }
  const written: Record<string, string>[] = [];
  const retried: string[] = [];
  let tokens = 0;
  const volumeMounts = [{ name: 'v', mountPath: '/v', ...mount }];
  const pod = makePod(
    { volumes: [volume], containers: [makeContainer('app', { volumeMounts })] },
    { metadata: { name: 'web', labels: { b: '2', a: 'x"y' } } },
  );
  const volumes = new PodVolumes({
    disk: {
      ...noVolumeDisk,
      writeFiles: async (place, files) => {
        written.push(Object.fromEntries(files.map(shown)));
        return `/volumes/${place.volume}`;
      },
      ...disk,
    },
    images: runtime,
    objects,
    read: async (type, { name }) => objects.get(type.resource, name),
    clock,
    log: silentLogger,
    token: async (_pod, { expirationSeconds }) => {
      return { token: `token ${++tokens} for ${expirationSeconds}`, renewAt: clock.now() + 80_000 };
    },
    allocatable: { cpu: '4', memory: '64Mi' },
    addresses: () => ({ podIps: [], hostIps: [] }),
    onChange: (uid) => retried.push(uid),
  });
  return { volumes, written, pod, objects, clock, retried, runtime };
}

/** The text, and the mode where it is not the usual one. */
function shown({ path, data, mode }: VolumeFile): [string, string] {
  const text = typeof data === 'string' ? data : Buffer.from(data).toString();
  return [path, mode === 0o644 ? text : `${text} ${mode.toString(8)}`];
}

async function settled(): Promise<void> {
  await new VirtualClock().settle();
}

/** Objects of one namespace that change when the test says so. */
class Objects implements ObjectSource {
  readonly #objects = new Map<string, KubeObject>();
  readonly #followers = new Map<string, Set<() => void>>();

  put(resource: string, object: KubeObject): void {
    const id = `${resource}/${object.metadata.name}`;
    this.#objects.set(id, object);
    this.#tell(id);
  }

  get(resource: string, name: string): any {
    return this.#objects.get(`${resource}/${name}`);
  }

  remove(resource: string, name: string): void {
    this.#objects.delete(`${resource}/${name}`);
    this.#tell(`${resource}/${name}`);
  }

  followers(): number {
    return [...this.#followers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  follow<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, onChange: () => void) {
    const id = `${type.resource}/${key.name}`;
    const followers = this.#followers.get(id) ?? new Set();
    this.#followers.set(id, followers);
    followers.add(onChange);
    const current = async () => this.#objects.get(id) as T | undefined;
    return { current, [Symbol.dispose]: () => void followers.delete(onChange) };
  }

  #tell(id: string): void {
    for (const follower of this.#followers.get(id) ?? []) follower();
  }
}
