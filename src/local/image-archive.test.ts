import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { inspectImageArchive } from './image-archive.ts';
import { fullImageName } from './image-reference.ts';
import { pauseArchive, pauseImage } from './pause-image.ts';
import { pauseProgram } from './pause-program.ts';
import { readTarHeader, writeTar } from './tar.ts';

const folder = mkdtempSync(join(tmpdir(), 'archive-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
function archive(documents: Record<string, unknown>): Buffer {
  const entries = Object.entries(documents).map(([path, value]) => ({
    path,
    content: Buffer.from(JSON.stringify(value)),
  }));
  return writeTar([{ path: 'blobs/' }, { path: 'blobs/large', content: Buffer.alloc(100_001) }, ...entries]);
}
const docker = archive({ 'manifest.json': [{ RepoTags: ['shop/api:v1', 'shop/api:latest'] }, { RepoTags: null }] });
const named = (name: string) => ({ annotations: { 'org.opencontainers.image.ref.name': name } });

const names: [string, string][] = [
  ['nginx', 'docker.io/library/nginx:latest'],
  ['nginx:1.27', 'docker.io/library/nginx:1.27'],
  ['shop/api:v1', 'docker.io/shop/api:v1'],
  ['localhost/api', 'localhost/api:latest'],
  ['registry.example:5000/a/b', 'registry.example:5000/a/b:latest'],
  ['ghcr.io/a/b@sha256:1', 'ghcr.io/a/b@sha256:1'],
];
for (const [written, full] of names) test(`${written} is ${full}`, () => assert.equal(fullImageName(written), full));

test('names are found in archives of docker save, plain or packed', async () => {
  const want = {
    form: 'docker',
    images: [
      { written: 'shop/api:v1', full: 'docker.io/shop/api:v1' },
      { written: 'shop/api:latest', full: 'docker.io/shop/api:latest' },
    ],
  };
  for (const [name, bytes] of [
    ['plain.tar', docker],
    ['packed.tar.gz', gzipSync(docker)],
    ['packed.tar.zst', zstdCompressSync(docker)],
  ] as const)
    assert.deepEqual(await inspectImageArchive(file(name, bytes)), want, name);
});

test('names are found in archives in OCI layout; a bare tag is no name', async () => {
  const index = {
    manifests: [
      named('shop/web:v2'),
      named('latest'),
      { annotations: { 'io.containerd.image.name': 'docker.io/library/a:1' } },
      {},
    ],
  };
  const found = await inspectImageArchive(file('oci.tar', archive({ 'index.json': index })));
  assert.deepEqual(found, {
    form: 'oci',
    images: [
      { written: 'shop/web:v2', full: 'docker.io/shop/web:v2' },
      { written: 'docker.io/library/a:1', full: 'docker.io/library/a:1' },
    ],
  });
});

const bad: [string, Uint8Array | string, RegExp][] = [
  ['empty', '', /is empty/],
  ['text', 'hello\n'.repeat(200), /no image archive \(checksum of a header is wrong\)/],
  ['short', 'hello', /no image archive \(it ends too early\)/],
  ['cut.tar', docker.subarray(0, 50_000), /it ends too early/],
  ['cut.tar.gz', gzipSync(docker).subarray(0, 60), /no image archive/],
  ['other.tar', writeTar([{ path: 'a', content: Buffer.from('b') }]), /neither manifest\.json nor index\.json/],
  ['nameless.tar', archive({ 'manifest.json': [{ RepoTags: null }] }), /have no names/],
  ['broken.tar', writeTar([{ path: 'manifest.json', content: Buffer.from('{') }]), /its manifest\.json is not JSON/],
];
for (const [name, content, message] of bad)
  test(`${name} is refused with the reason and the file's name`, async () => {
    const path = file(name, content);
    await assert.rejects(inspectImageArchive(path), (error: Error) => {
      assert.equal(error.name, 'ImageArchiveError');
      assert.match(error.message, message);
      assert.ok(error.message.includes(path));
      return true;
    });
  });

test('a missing file and a folder are refused too', async () => {
  await assert.rejects(inspectImageArchive(join(folder, 'nothing')), /no such file/);
  await assert.rejects(inspectImageArchive(folder), /a folder/);
});

test('the pause image is the same bytes every time, and names itself', async () => {
  assert.ok(pauseArchive('amd64').equals(pauseArchive('amd64')));
  const { images } = await inspectImageArchive(file('pause.tar', pauseArchive('arm64')));
  assert.deepEqual(images, [{ written: pauseImage, full: pauseImage }]);
});

test('tar reads what is written', () => {
  const path = file(
    'made.tar',
    writeTar([{ path: 'a/' }, { path: 'a/b', content: Buffer.from('c'), mode: 0o755 }, { path: 'l', target: 'a/b' }]),
  );
  const listed = execFileSync('tar', ['--list', '--verbose', '--file', path], { encoding: 'utf8' });
  assert.match(listed, /^drwxr-xr-x .* a\/\n-rwxr-xr-x .* 1 .* a\/b\nl.* l -> a\/b\n$/);
  assert.throws(() => writeTar([{ path: 'x'.repeat(101), content: Buffer.alloc(0) }]), /over 100 bytes/);
  const large = Buffer.from(docker.subarray(0, 512));
  assert.deepEqual(readTarHeader(large), { path: 'blobs/', size: 0, type: '5' });
});

test('the pause program is a small ELF executable of its processor', { skip: process.platform !== 'linux' }, () => {
  for (const [architecture, machine] of [
    ['amd64', 62],
    ['arm64', 183],
  ] as const) {
    const program = pauseProgram(architecture);
    assert.ok(program.length < 512);
    assert.equal(program.toString('latin1', 1, 4), 'ELF');
    assert.equal(program.readUInt16LE(18), machine);
    assert.equal(Number(program.readBigUInt64LE(24)), 0x400078);
  }
});
