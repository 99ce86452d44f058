import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { writeFilesAtomically } from './atomic-files.ts';
import { openMachineDisk, versionName } from './machine-disk.ts';
import { unmount } from './mounts.ts';
import { openBelow } from './sub-path.ts';
import { emptyDirPlace, type VolumeFile } from './volume-disk.ts';

const isRoot = process.getuid?.() === 0;
const text = (path: string, data: string, mode = 0o644): VolumeFile => ({ path, data, mode });

test('files change all at once, behind links that stay', async (t) => {
  const folder = temporary(t);
  await writeFilesAtomically(folder, [text('a', '1'), text('deep/b', '2', 0o400)], { version: 'first' });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  assert.deepEqual([read('a'), read('deep/b')], ['1', '2']);
  assert.equal(statSync(join(folder, 'deep/b')).mode & 0o777, 0o400);
  const held = realpathSync(join(folder, '..data'));
  await writeFilesAtomically(folder, [text('a', '1+'), text('c', '3')], { version: 'second' });
  assert.deepEqual(readdirSync(folder).sort(), ['..data', '..second', 'a', 'c']);
  assert.deepEqual([read('a'), read('c')], ['1+', '3']);
  assert.throws(() => statSync(held), { code: 'ENOENT' });
  writeFileSync(join(folder, '..data_tmp'), 'a writer died here');
  await writeFilesAtomically(folder, [], { version: 'third' });
  assert.deepEqual(readdirSync(folder).sort(), ['..data', '..third']);
});

const escapes: { name: string; make: (root: string) => void; path: string; want: string | RegExp }[] = [
  { name: 'the folder itself', make: () => {}, path: '', want: '' },
  { name: 'a folder', make: (root) => mkdirSync(join(root, 'a')), path: 'a', want: 'a' },
  { name: 'folders that are not there yet', make: () => {}, path: 'a/b/c', want: 'a/b/c' },
  { name: 'a file', make: (root) => writeFileSync(join(root, 'f'), ''), path: 'f', want: 'f' },
  {
    name: 'a link that stays inside',
    make: (root) => (mkdirSync(join(root, 'real')), symlinkSync('real', join(root, 'link'))),
    path: 'link',
    want: 'real',
  },
  {
    name: 'a link to the outside',
    make: (root) => symlinkSync('/etc', join(root, 'link')),
    path: 'link',
    want: /not within volume path/,
  },
  {
    name: 'a file behind a link to the outside',
    make: (root) => symlinkSync('/etc', join(root, 'link')),
    path: 'link/passwd',
    want: /not within volume path/,
  },
  {
    name: 'a new folder behind a link to the outside',
    make: (root) => symlinkSync(tmpdir(), join(root, 'link')),
    path: 'link/new-folder',
    want: /not within volume path/,
  },
  {
    name: 'a link upwards',
    make: (root) => symlinkSync('..', join(root, 'up')),
    path: 'up',
    want: /not within volume path/,
  },
  { name: 'dots upwards', make: () => {}, path: '../../etc', want: /not within volume path/ },
];
for (const { name, make, path, want } of escapes)
  test(`subPath: ${name}`, async (t) => {
    const root = temporary(t);
    make(root);
    const opening = openBelow(root, path);
    if (want instanceof RegExp) return await assert.rejects(opening, want);
    const { handle } = await opening;
    await using _ = handle;
    assert.equal(realpathSync(`/proc/self/fd/${handle.fd}`), realpathSync(join(root, want)));
  });

test('a new folder has the permissions of the volume, whatever the umask', async (t) => {
  const root = join(temporary(t), 'volume');
  const before = process.umask(0);
  mkdirSync(root, { mode: 0o777 });
  process.umask(before);
  const { handle } = await openBelow(root, 'a/b');
  await handle.close();
  assert.equal(statSync(join(root, 'a/b')).mode & 0o777, 0o777);
});

const types: { type: string; path: string; want: RegExp | undefined }[] = [
  { type: '', path: 'nothing', want: undefined },
  { type: 'Directory', path: 'folder', want: undefined },
  { type: 'Directory', path: 'file', want: /hostPath type check failed: .*file is not a directory$/ },
  { type: 'Directory', path: 'nothing', want: /is not a directory$/ },
  { type: 'DirectoryOrCreate', path: 'new/folder', want: undefined },
  { type: 'File', path: 'file', want: undefined },
  { type: 'File', path: 'folder', want: /is not a file$/ },
  { type: 'FileOrCreate', path: 'new', want: undefined },
  { type: 'Socket', path: 'file', want: /is not a socket file$/ },
  { type: 'CharDevice', path: 'file', want: /is not a character device$/ },
  { type: 'BlockDevice', path: 'folder', want: /is not a block device$/ },
];
for (const { type, path, want } of types)
  test(`hostPath: ${path} as ${type || 'anything'} ${want ? 'is refused' : 'is taken'}`, async (t) => {
    const folder = temporary(t);
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'file'), '');
    const checking = (await disk(t)).checkHostPath(join(folder, path), type);
    if (want !== undefined) return await assert.rejects(checking, want);
    await checking;
    if (type.endsWith('OrCreate')) assert.ok(statSync(join(folder, path)));
  });

test('a volume of a local disk is a folder', async (t) => {
  const folder = temporary(t);
  writeFileSync(join(folder, 'device'), '');
  const made = await disk(t);
  await made.useFolder(folder, {});
  await assert.rejects(made.useFolder(join(folder, 'device'), {}), /^Error: only directories are supported: path /);
  await assert.rejects(made.useFolder(join(folder, 'none'), {}), /none" does not exist$/);
});

test(
  'a volume of a local disk with options is mounted with them, and the disk stays as it is',
  { skip: !isRoot },
  async (t) => {
    const folder = temporary(t);
    const made = await disk(t);
    const place = { podUid: 'u1', plugin: 'kubernetes.io~local-volume', volume: 'pv' };
    const path = await made.bindFolder(place, folder, ['ro', 'noexec'], {});
    assert.equal(await made.bindFolder(place, folder, ['ro', 'noexec'], {}), path);
    assert.throws(() => writeFileSync(join(path, 'file'), ''), { code: 'EROFS' });
    writeFileSync(join(folder, 'file'), 'kept');
    await made.remove('u1');
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'kept');
  },
);

test('a file is no block device', async (t) => {
  const made = await disk(t);
  const file = join(temporary(t), 'file');
  writeFileSync(file, '');
  await assert.rejects(made.checkDevice(file), { message: `path "${file}" is not a block device` });
  await assert.rejects(made.checkDevice(`${file}-none`), { message: `path "${file}-none" does not exist` });
});

test('a volume holds what is in it', async (t) => {
  const made = await disk(t);
  const place = emptyDirPlace('u1', 'v');
  assert.equal(await made.usedBytes(place), 0);
  const path = await made.makeFolder(place, {});
  mkdirSync(join(path, '-inner'));
  writeFileSync(join(path, '-inner', 'file'), Buffer.alloc(1_000_000, 1));
  const used = await made.usedBytes(place);
  assert.ok(used >= 1_000_000 && used < 1_100_000, `${used} bytes`);
});

test('volumes of a pod come and go', { skip: !isRoot && 'needs root' }, async (t) => {
  const made = await disk(t);
  const place = (volume: string, plugin = 'kubernetes.io~empty-dir') => ({ podUid: 'u1', plugin, volume });
  const plain = await made.makeFolder(place('plain'), { group: 2000 });
  assert.deepEqual([statSync(plain).mode & 0o7777, statSync(plain).gid], [0o2777, 2000]);
  const memory = await made.makeMemory(place('memory'), {}, 65_536);
  assert.notEqual(statSync(memory).dev, statSync(plain).dev);
  assert.equal(statSync(memory).mode & 0o7777, 0o1777);
  const shared = await made.makeMemory(place('shared'), { group: 2000 }, 65_536);
  assert.deepEqual([statSync(shared).mode & 0o7777, statSync(shared).gid], [0o3777, 2000]);
  writeFileSync(join(memory, 'kept'), 'x');
  assert.equal(await made.makeMemory(place('memory'), {}, 65_536), memory);
  assert.equal(readFileSync(join(memory, 'kept'), 'utf8'), 'x');
  const settings = [text('a', '1'), text('deep/er/b', '2')];
  const files = await made.writeFiles(place('settings', 'kubernetes.io~configmap'), settings, { group: 2000 });
  const seen = (path: string) => [statSync(join(files, path)).gid, statSync(join(files, path)).mode & 0o7777];
  assert.deepEqual(seen('a'), [2000, 0o644]);
  assert.deepEqual(seen(''), [2000, 0o2777]);
  for (const folder of ['..data', 'deep', 'deep/er']) assert.deepEqual(seen(folder), [2000, 0o2755]);
  mkdirSync(join(plain, 'inner'));
  writeFileSync(join(plain, 'inner', 'file'), 'deep');
  const at = { podUid: 'u1', volume: 'plain', container: 'app', index: 0, mustExist: false };
  assert.equal(readFileSync(join(await made.subPath(plain, 'inner', at), 'file'), 'utf8'), 'deep');
  assert.equal(readFileSync(await made.subPath(plain, 'inner/file', { ...at, index: 1 }), 'utf8'), 'deep');
  assert.equal(readFileSync(await made.subPath(plain, 'inner/file', { ...at, index: 1 }), 'utf8'), 'deep');
  assert.deepEqual(await made.podUids(), ['u1']);
  await made.remove('u1');
  await made.remove('u1');
  assert.deepEqual(await made.podUids(), []);
  assert.throws(() => statSync(plain), { code: 'ENOENT' });
});

test('layers lie over each other, to be read and nothing else', { skip: !isRoot && 'needs root' }, async (t) => {
  const made = await disk(t);
  const from = temporary(t);
  const layer = (name: string, files: Record<string, string>) => {
    const folder = join(from, name, 'fs');
    for (const [path, data] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), data, { mode: 0o755 });
    }
    return folder;
  };
  const lower = layer('1', { 'bin/tool': '#!/bin/sh\n', 'etc/name': 'lower' });
  symlinkSync(from, join(lower, 'out'));
  const upper = layer('2', { 'etc/name': 'upper' });
  const place = { podUid: 'u1', plugin: 'kubernetes.io~image', volume: 'v' };
  const path = await made.makeLayered(place, async () => [upper, lower]);
  assert.equal(readFileSync(join(path, 'etc/name'), 'utf8'), 'upper');
  assert.throws(() => writeFileSync(join(path, 'more'), ''), { code: 'EROFS' });
  assert.throws(() => execFileSync(join(path, 'bin/tool')), { code: 'EACCES' });
  assert.equal(await made.makeLayered(place, () => assert.fail('it is there')), path);
  const at = { podUid: 'u1', volume: 'v', container: 'app', index: 0, mustExist: true };
  assert.equal(readFileSync(join(await made.subPath(path, 'etc', at), 'name'), 'utf8'), 'upper');
  await assert.rejects(made.subPath(path, 'etc/none', at), { message: 'subpath "etc/none" does not exist' });
  await assert.rejects(made.subPath(path, 'etc/name', at), { message: 'subpath "etc/name" is not a directory' });
  await assert.rejects(made.subPath(path, 'out', at), { message: 'subpath "out" not within volume path' });
  const single = await made.makeLayered({ ...place, volume: 'single' }, async () => [lower]);
  assert.equal(readFileSync(join(single, 'etc/name'), 'utf8'), 'lower');
  assert.throws(() => writeFileSync(join(single, 'etc/name'), ''), { code: 'EROFS' });
  await assert.rejects(
    made.makeLayered({ ...place, volume: 'failing' }, () => Promise.reject(new Error('no image'))),
    /no image/,
  );
  await made.remove('u1');
  assert.deepEqual(await made.podUids(), []);
  assert.equal(readFileSync(join(lower, 'etc/name'), 'utf8'), 'lower');
});

test('as many layers as images have', { skip: !isRoot && 'needs root' }, async (t) => {
  const made = await disk(t);
  const from = join(temporary(t), 'a-folder-with-a-name-so-long-that-all-of-them-would-not-go-into-a-page');
  const layers = Array.from({ length: 120 }, (_, at) => join(from, String(at), 'fs'));
  for (const layer of layers) mkdirSync(layer, { recursive: true });
  writeFileSync(join(layers.at(-1)!, 'lowest'), 'x');
  const path = await made.makeLayered({ podUid: 'u1', plugin: 'p', volume: 'v' }, async () => layers);
  assert.equal(readFileSync(join(path, 'lowest'), 'utf8'), 'x');
});

test("what a pod names below the usual folder of the kubelet is below the node's own", async (t) => {
  const made = await disk(t);
  const folder = made.onNode('/var/lib/kubelet');
  assert.ok(existsSync(join(folder, 'pods')));
  assert.equal(made.onNode('/var/lib/kubelet/plugins/x'), join(folder, 'plugins/x'));
  for (const path of ['/var/lib/kubelet-of-others', '/var/lib', '/data']) assert.equal(made.onNode(path), path);
});

async function disk(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'volumes-'));
  const opened = await openMachineDisk({ folder, log: silentLogger, clock: new VirtualClock() });
  t.after(async () => {
    for (const podUid of await opened.podUids()) await opened.remove(podUid);
    await unmount(join(folder, 'memory')).catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  });
  return opened;
}

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'volumes-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a state of the files of a volume is named for its second', () => {
  const name = versionName(Date.UTC(2026, 11, 1, 3, 7, 18, 33), 59);
  assert.equal(name, '2026_12_01_03_07_18.03359');
});
