import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../../api/core/v1/types.ts';
import { attachmentName } from '../../../api/storage/node/csi-names.ts';
import type { CSIDriverSpec } from '../../../api/storage/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import { silentLogger } from '../../../base/logger.ts';
import { VirtualClock } from '../../../base/virtual-clock.ts';
import { makePod } from '../../testing/pods.ts';
import { ContentRoom } from '../content-room.ts';
import { describeVolumeDriver } from '../driver-contract.ts';
import type { NodeVolume } from '../volume-driver.ts';
import { VolumeTable } from '../volume-table.ts';
import { accessModeOf, takesGroup } from './capability.ts';
import { csiDriver } from './csi-driver.ts';
import { CsiFolders } from './csi-folders.ts';
import type { CsiNodeService } from './csi-node-service.ts';
import type { nodeCapabilities } from './messages.ts';

const root = mkdtempSync(join(tmpdir(), 'csi-driver-'));
after(() => rmSync(root, { recursive: true }));

const name = 'csi.example';
const id = `kubernetes.io/csi/${name}^handle`;
const persistent: PersistentVolume = {
  metadata: { name: 'pv' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    mountOptions: ['noatime'],
    csi: { driver: name, volumeHandle: 'handle', fsType: 'ext4', volumeAttributes: { tier: 'fast' } },
  },
};
const claim: PersistentVolumeClaim = {
  metadata: { name: 'data', namespace: 'default' },
  spec: {},
  status: { capacity: { storage: '1Gi' } },
};

let made = 0;

interface Given {
  readonly spec?: CSIDriverSpec | undefined;
  readonly can?: readonly (keyof typeof nodeCapabilities)[];
  readonly isRegistered?: boolean;
}

/** A driver of which each call is told, and the objects that it reads. */
function setUp({ spec = { attachRequired: false }, can = ['stage', 'expand'], isRegistered = true }: Given = {}) {
  const folder = join(root, String(made++));
  const calls: [string, any][] = [];
  const note = (method: string) => async (request: object) => void calls.push([method, request]);
  const service: CsiNodeService = {
    info: () => assert.fail(),
    can: async (what) => can.includes(what),
    stage: note('stage'),
    unstage: note('unstage'),
    async publish(request) {
      calls.push(['publish', request]);
      mkdirSync(request.targetPath!, { recursive: true });
    },
    unpublish: note('unpublish'),
    async expand(request) {
      calls.push(['expand', request]);
      return { capacityBytes: 0 };
    },
    [Symbol.dispose]: () => undefined,
  };
  const objects = new Map<string, object>([
    ['csidrivers/csi.example', { spec }],
    ['persistentvolumes/pv', persistent],
    ['persistentvolumeclaims/data', claim],
    ['secrets/key', { data: { word: Buffer.from('open').toString('base64') } }],
  ]);
  const attached = new Set<string>();
  const events: string[] = [];
  const grown: string[] = [];
  const isGrown = Promise.withResolvers<void>();
  const clock = new VirtualClock();
  const driver = csiDriver({
    nodeName: 'n1',
    folders: new CsiFolders(folder),
    driver: (asked) => (asked === name && isRegistered ? { service, seen: (path) => path } : undefined),
    isAttached: (volume) => attached.has(volume),
    read: async <T extends KubeObject>(type: { resource: string }, key: { name: string }) =>
      objects.get(`${type.resource}/${key.name}`) as T | undefined,
    token: async (_pod, { audience }) => ({ token: `for ${audience}`, renewAt: 0, expirationTimestamp: 'later' }),
    async grown(_claim, capacity) {
      grown.push(capacity);
      isGrown.resolve();
    },
    record: (_pod, type, reason, message) => events.push(`${type} ${reason} ${message}`),
    clock,
    log: silentLogger,
  });
  const open = async (volume: Volume, pv?: PersistentVolume, pod: Partial<Pod['spec']> = {}): Promise<NodeVolume> => {
    const of = makePod(
      { volumes: [volume], serviceAccountName: 'sa', ...pod },
      { metadata: { name: 'web', uid: 'u1' } },
    );
    const use = { pod: () => of, volume, readOnly: false, room: new ContentRoom(), retry: () => undefined };
    return await driver.open({ ...use, ...(pv && { persistent: { volume: pv, claim } }) });
  };
  return { folder, driver, calls, objects, attached, events, grown, isGrown: isGrown.promise, clock, open };
}

const claimed: Volume = { name: 'v', persistentVolumeClaim: { claimName: 'data' } };
describeVolumeDriver('CSI', async (run) => {
  const { driver } = setUp();
  await run({ driver, volume: claimed, persistent: { volume: persistent, claim } });
});

test('a volume is staged for its node and shown to its pod, and undone in reverse', async () => {
  const { folder, calls, open } = setUp();
  const volume = await open(claimed, persistent, { securityContext: { fsGroup: process.getgid!() } });
  await volume.shared!.attached();
  await volume.shared!.stage();
  const { path } = await volume.publish();
  assert.equal(path, join(folder, 'pods/u1/volumes/kubernetes.io~csi/pv/mount'));
  assert.equal(statSync(path).mode & 0o2060, 0o2060, 'the group of the pod may use it');
  await volume.unpublish!();
  await volume.shared!.unstage();
  const volumeCapability = {
    mount: { fsType: 'ext4', mountFlags: ['noatime'] },
    accessMode: { mode: accessModeOf('ReadWriteOnce', false) },
  };
  const staging = calls[0]![1].stagingTargetPath as string;
  assert.match(staging, /\/plugins\/kubernetes\.io\/csi\/csi\.example\/[0-9a-f]{64}\/globalmount$/);
  const context = { publishContext: {}, secrets: {}, volumeContext: { tier: 'fast' } };
  const common = { volumeId: 'handle', stagingTargetPath: staging, volumeCapability, ...context };
  assert.deepEqual(calls, [
    ['stage', common],
    ['publish', { ...common, targetPath: path, readonly: false }],
    ['unpublish', { volumeId: 'handle', targetPath: path }],
    ['unstage', { volumeId: 'handle', stagingTargetPath: staging }],
  ]);
  assert.deepEqual([existsSync(path), existsSync(staging)], [false, false]);
});

test('a volume that is to be attached waits for its node and its attachment', async () => {
  const { open, attached, objects, calls } = setUp({ spec: {} });
  const volume = await open(claimed, persistent);
  assert.deepEqual([volume.shared!.id, volume.shared!.attachable], [id, true]);
  await assert.rejects(volume.shared!.attached(), { name: 'WaitsForAttach' });
  attached.add(id);
  await assert.rejects(volume.shared!.attached(), { name: 'WaitsForAttach' });
  const attachmentMetadata = { device: '/dev/x' };
  const key = `volumeattachments/${attachmentName('handle', name, 'n1')}`;
  objects.set(key, { status: { attached: true, attachmentMetadata } });
  await volume.shared!.attached();
  await volume.shared!.stage();
  assert.deepEqual(calls[0]![1].publishContext, attachmentMetadata);
});

test('a driver that knows nothing of stages is only asked to show', async () => {
  const { open, calls } = setUp({ can: [] });
  const volume = await open(claimed, persistent);
  await volume.shared!.stage();
  await volume.publish();
  await volume.shared!.unstage();
  assert.deepEqual(
    calls.map(([method]) => method),
    ['publish'],
  );
  assert.equal(calls[0]![1].stagingTargetPath, undefined);
});

const inline: Volume = { name: 'v', csi: { driver: name, nodePublishSecretRef: { name: 'key' }, readOnly: true } };

test('a volume that a pod describes gets to know the pod, secrets and tokens', async () => {
  const spec = { volumeLifecycleModes: ['Ephemeral'], podInfoOnMount: true, tokenRequests: [{ audience: 'vault' }] };
  const { open, calls } = setUp({ spec });
  const volume = await open(inline);
  assert.equal(volume.shared, undefined);
  assert.equal((await volume.publish()).readOnly, true);
  const [, request] = calls[0]!;
  assert.match(request.volumeId, /^csi-[0-9a-f]{64}$/);
  assert.deepEqual(request.secrets, { word: 'open' });
  assert.deepEqual(request.volumeContext, {
    'csi.storage.k8s.io/pod.name': 'web',
    'csi.storage.k8s.io/pod.namespace': 'default',
    'csi.storage.k8s.io/pod.uid': 'u1',
    'csi.storage.k8s.io/serviceAccount.name': 'sa',
    'csi.storage.k8s.io/ephemeral': 'true',
    'csi.storage.k8s.io/serviceAccount.tokens': '{"vault":{"token":"for vault","expirationTimestamp":"later"}}',
  });
});

test('a volume that a pod describes is undone once, also behind a restart of its agent', async () => {
  const { driver, open, calls } = setUp({ spec: { volumeLifecycleModes: ['Ephemeral'] } });
  await (await open(inline)).publish();
  const table = new VolumeTable([driver], () => undefined);
  await table.publish('u1', inline.name, await open(inline));
  calls.length = 0;
  await table.unpublish('u1');
  assert.deepEqual(
    calls.map(([method]) => method),
    ['unpublish'],
  );
});

test('tokens are secrets where the driver wants that', async () => {
  const tokenRequests = [{ audience: 'vault' }];
  const { open, calls } = setUp({
    spec: { volumeLifecycleModes: ['Ephemeral'], tokenRequests, serviceAccountTokenInSecrets: true },
  });
  await (await open(inline)).publish();
  assert.deepEqual(Object.keys(calls[0]![1].secrets).sort(), ['csi.storage.k8s.io/serviceAccount.tokens', 'word']);
  assert.deepEqual(calls[0]![1].volumeContext, {});
});

const refused: [CSIDriverSpec | undefined, string][] = [
  [{ volumeLifecycleModes: ['Persistent'] }, '(only supports ["Persistent"])'],
  [undefined, '(no CSIDriver object)'],
];
for (const [spec, why] of refused)
  test(`a driver that shows no ephemeral volumes: ${why}`, async () => {
    const { open, objects } = setUp();
    if (spec === undefined) objects.delete('csidrivers/csi.example');
    else objects.set('csidrivers/csi.example', { spec });
    await assert.rejects(open(inline), {
      message: `kubernetes.io/csi: mounter.SetupAt failed to check volume lifecycle mode: volume mode "Ephemeral" not supported by driver csi.example ${why}`,
    });
  });

test('a volume that was never shown is let go without its driver', async () => {
  const { driver, open } = setUp({ isRegistered: false });
  const table = new VolumeTable([driver], () => undefined);
  await assert.rejects(table.publish('u1', 'v', await open(claimed, persistent)), { name: 'StageError' });
  await table.unpublish('u1');
  assert.deepEqual(await table.podUids(), []);
});

test('a volume is found again whose agent ended between its stage and its show', async () => {
  const { driver, calls, open } = setUp();
  await (await open(claimed, persistent)).shared!.stage();
  const table = new VolumeTable([driver], () => undefined);
  assert.deepEqual(await table.podUids(), ['u1']);
  await table.unpublish('u1');
  assert.deepEqual(
    calls.map(([method]) => method),
    ['stage', 'unpublish', 'unstage'],
  );
});

test('a record that cannot be read keeps no other volume from its pod', async () => {
  const { folder, driver, open } = setUp();
  const place = join(folder, 'pods/u0/volumes/kubernetes.io~csi/pv');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'vol_data.json'), '');
  const table = new VolumeTable([driver], () => undefined);
  await table.publish('u1', 'v', await open(claimed, persistent));
  assert.deepEqual(await table.podUids(), ['u1']);
});

test('a driver that is not there', async () => {
  const { open } = setUp({ isRegistered: false });
  const volume = await open(claimed, persistent);
  await assert.rejects(volume.publish(), {
    message:
      'kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name csi.example not found in the list of registered CSI drivers',
  });
});

test('a block volume is shown as a device', async () => {
  const { folder, open, calls } = setUp();
  const pv = { ...persistent, spec: { ...persistent.spec, volumeMode: 'Block' as const } };
  const volume = await open(claimed, pv);
  await volume.shared!.stage();
  const { path } = await volume.publish();
  assert.equal(path, join(folder, 'plugins/kubernetes.io/csi/volumeDevices/publish/pv/u1'));
  assert.deepEqual(calls[1]![1].volumeCapability, { block: {}, accessMode: { mode: 1 } });
  await volume.unpublish!();
  await volume.shared!.unstage();
  assert.equal(existsSync(path), false);
});

test('a volume whose claim was given more is made larger, once', async () => {
  const { open, objects, clock, calls, grown, isGrown, events } = setUp();
  const volume = await open(claimed, persistent);
  await volume.publish();
  assert.deepEqual(grown, []);
  const larger = { ...persistent, spec: { ...persistent.spec, capacity: { storage: '2Gi' } } };
  objects.set('persistentvolumes/pv', larger);
  await clock.advance(60_000);
  await isGrown;
  assert.deepEqual(grown, ['2Gi']);
  objects.set('persistentvolumeclaims/data', { ...claim, status: { capacity: { storage: '2Gi' } } });
  await clock.advance(60_000);
  await volume.publish(); // behind the look
  assert.deepEqual(grown, ['2Gi']);
  const expansions = calls.filter(([method]) => method === 'expand');
  assert.deepEqual(
    expansions.map(([, { capacityRange }]) => capacityRange),
    [{ requiredBytes: 2 ** 31 }],
  );
  await volume.close!();
  const message = 'MountVolume.NodeExpandVolume succeeded for volume "pv" n1';
  assert.deepEqual(events, [`Normal FileSystemResizeSuccessful ${message}`]);
  assert.equal(clock.pendingTimers, 0);
});

const groups: [policy: string | undefined, fsType: string, modes: string[] | undefined, want: boolean][] = [
  [undefined, 'ext4', ['ReadWriteOnce'], true],
  [undefined, '', ['ReadWriteOnce'], false],
  [undefined, 'ext4', ['ReadWriteMany'], false],
  [undefined, 'ext4', undefined, true],
  ['File', '', ['ReadWriteMany'], true],
  ['None', 'ext4', ['ReadWriteOnce'], false],
];
for (const [policy, fsType, modes, want] of groups)
  test(`the group of a pod: ${policy} ${fsType} ${modes}`, () => {
    assert.equal(takesGroup(policy, fsType, modes), want);
  });
