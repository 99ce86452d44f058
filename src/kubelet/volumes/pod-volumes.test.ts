import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containersOf } from '../pods/pod-containers.ts';
import { makeContainer } from '../testing/pods.ts';
import { failedSetUp, messages, setUpVolumes } from '../testing/volumes.ts';

/** As is told of a claim that nothing can be done with yet. */
const unprocessed = (text: string) =>
  `Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: ${text}`;

const claims: [what: string, claimName: string, want: string][] = [
  [
    'that is not there',
    'none',
    unprocessed(
      'error processing PVC default/none: failed to fetch PVC from API server: persistentvolumeclaims "none" not found',
    ),
  ],
  ['without a volume', 'free', unprocessed('error processing PVC default/free: PVC is not bound')],
  ['that goes', 'leaving', unprocessed('error processing PVC default/leaving: PVC is being deleted')],
  [
    'whose volume is gone',
    'lost',
    unprocessed(
      'error processing PVC default/lost: failed to fetch PV gone from API server: persistentvolumes "gone" not found',
    ),
  ],
  [
    'whose volume has another',
    'taken',
    unprocessed(
      'error processing PVC default/taken: found PV object data but its pv.Spec.ClaimRef.UID uid-data does not point to claim.UID uid-taken',
    ),
  ],
  [
    'of a block volume that is mounted',
    'block',
    unprocessed('volume v has volumeMode Block, but is specified in volumeMounts'),
  ],
  [
    'of storage that no node of ours can mount',
    'remote',
    failedSetUp('remote', 'volumes of type nfs are not supported: volume "v"'),
  ],
  [
    'of a folder that is mounted with options',
    'options',
    failedSetUp('options', 'Mount options are not supported for this volume type'),
  ],
];
for (const [what, claimName, want] of claims)
  test(`a claim ${what}`, async () => {
    const { volumes, pod } = setUpVolumes({ name: 'v', persistentVolumeClaim: { claimName } });
    assert.deepEqual(await messages(volumes.setUp(pod)), [want]);
  });

test('a kind that there is not', async () => {
  const { volumes, pod } = setUpVolumes({ name: 'v', nfs: { server: 's', path: '/' } });
  const want = failedSetUp('v', 'volumes of type nfs are not supported: volume "v"');
  assert.deepEqual(await messages(volumes.setUp(pod)), [want]);
});

const volumeDevices = [{ name: 'v', devicePath: '/dev/v' }];

test('a container gets the device of a block volume', async () => {
  const { volumes, pod } = setUpVolumes({ name: 'v', persistentVolumeClaim: { claimName: 'block' } });
  const using = { ...pod, spec: { ...pod.spec, containers: [makeContainer('app', { volumeDevices })] } };
  assert.deepEqual(await messages(volumes.setUp(using)), []);
  const [container] = containersOf(using);
  const want = { containerPath: '/dev/v', hostPath: '/dev/x', permissions: 'mrw' };
  assert.deepEqual(volumes.devicesOf(using, container!), [want]);
});

test('a file system is no device', async () => {
  const { volumes, pod } = setUpVolumes({ name: 'v', persistentVolumeClaim: { claimName: 'data' } });
  const spec = { ...pod.spec, containers: [makeContainer('app', { volumeDevices })] };
  const want = unprocessed('volume v has volumeMode Filesystem, but is specified in volumeDevices');
  assert.deepEqual(await messages(volumes.setUp({ ...pod, spec })), [want]);
});

test('each volume that fails waits on its own, longer and longer', async () => {
  const { volumes, pod, clock, objects } = setUpVolumes({ name: 'v', persistentVolumeClaim: { claimName: 'free' } });
  const begun = clock.now();
  const waits: number[] = [];
  for (let at = 0; at < 4; at++) {
    const { failures, againAt } = await volumes.setUp(pod);
    assert.equal(failures.length, 1);
    assert.deepEqual((await volumes.setUp(pod)).failures, [], 'its time has not come');
    waits.push(againAt! - clock.now());
    await clock.advance(againAt! - clock.now());
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000]);
  assert.equal(clock.now() - begun, 7500);
  objects.put('persistentvolumeclaims', {
    ...objects.get('persistentvolumeclaims', 'data'),
    metadata: { name: 'free', uid: 'uid-data' },
  });
  assert.deepEqual(await volumes.setUp(pod), { failures: [] });
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
    want: 'missing value for POD',
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
    const { volumes, pod } = setUpVolumes({ name: 'v', ...volume }, mount);
    await volumes.setUp(pod);
    const made = volumes.mountsOf(pod, containersOf(pod)[0]!, (key) => variables[key]);
    if (typeof want === 'string') await assert.rejects(made, { name: 'ConfigurationError', message: want });
    else assert.deepEqual(await made, [want]);
  });
