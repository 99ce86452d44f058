import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CriConnection } from './connection.ts';
import { chainOf, containerdImages, foldersOf } from './containerd-images.ts';

const layer = (digit: string) => `sha256:${digit.repeat(64)}`;

test('layers on top of each other have the name of the specification', () => {
  assert.equal(chainOf([]), '');
  assert.equal(chainOf([layer('a')]), layer('a'));
  // printf 'sha256:aa… sha256:bb…' | sha256sum, and so on
  const two = 'sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c';
  assert.equal(chainOf([layer('a'), layer('b')]), two);
  const three = 'sha256:c1377126441fb2f5ec2c21ae2a60255331d639e830f0ee1b40a36e52d4c40588';
  assert.equal(chainOf([layer('a'), layer('b'), layer('c')]), three);
});

const mount = (type: string, source: string, ...options: string[]) => ({ type, source, options });
const rows = [
  { name: 'one layer', mounts: [mount('bind', '/1/fs', 'ro', 'rbind')], want: ['/1/fs'] },
  {
    name: 'several, the uppermost first',
    mounts: [mount('overlay', 'overlay', 'index=off', 'lowerdir=/2/fs:/1/fs')],
    want: ['/2/fs', '/1/fs'],
  },
  { name: 'something to mount by others', mounts: [mount('erofs', '/1/layer', 'ro')], want: /type "erofs"/ },
  { name: 'nothing', mounts: [], want: /type ""/ },
];

for (const { name, mounts, want } of rows)
  test(`the folders of a view: ${name}`, () => {
    if (want instanceof RegExp) assert.throws(() => foldersOf(mounts), want);
    else assert.deepEqual(foldersOf(mounts), want);
  });

/** A containerd that has one image, whose config comes in parts. */
function imagesOf(...config: (string | Buffer)[]) {
  const asked: [name: string, request: object][] = [];
  const answers: Record<string, object> = {
    ImageFsInfo: { imageFilesystems: [{ fsId: { mountpoint: '/c/io.containerd.snapshotter.v1.native' } }] },
    View: { mounts: [mount('bind', '/c/1', 'ro')] },
  };
  const connection = {
    async call({ name }: { name: string }, request: object) {
      asked.push([name, request]);
      return answers[name] ?? {};
    },
    async *stream({ name }: { name: string }, request: object) {
      asked.push([name, request]);
      if (name === 'Read') yield* config.map((part) => ({ data: Buffer.from(part) }));
      else yield { info: [{ name: 'kubeling/volumes/u1/v', labels: { 'kubeling.dev/pod-uid': 'u1' } }] };
    },
  };
  return { images: containerdImages(connection as unknown as CriConnection), asked };
}

test("a view is made in the snapshotter of CRI, in the stead of what is left of one, and with the pod's uid", async () => {
  const { images, asked } = imagesOf('{"rootfs":{"diff', `_ids":["${layer('a')}"]}}`);
  assert.deepEqual(await images.holdImage('sha256:1', { podUid: 'u1', volume: 'v' }), ['/c/1']);
  const view = { snapshotter: 'native', key: 'kubeling/volumes/u1/v' };
  const labels = { 'kubeling.dev/pod-uid': 'u1', 'containerd.io/gc.root': 'volume' };
  assert.deepEqual(asked, [
    ['Read', { digest: 'sha256:1' }],
    ['ImageFsInfo', {}],
    ['Remove', view],
    ['View', { ...view, parent: layer('a'), labels }],
  ]);
});

test('what is held is found by its label', async () => {
  const { images, asked } = imagesOf();
  assert.deepEqual(await images.imageHolders(), ['u1']);
  await images.releaseImages('u1');
  const list = (filter: string) => ['List', { snapshotter: 'native', filters: [filter] }];
  assert.deepEqual(asked.slice(1), [
    list('labels."kubeling.dev/pod-uid"'),
    list('labels."kubeling.dev/pod-uid"=="u1"'),
    ['Remove', { snapshotter: 'native', key: 'kubeling/volumes/u1/v' }],
  ]);
});

test('a config without layers, and one that is too long, are refused', async () => {
  const hold = (...config: (string | Buffer)[]) =>
    imagesOf(...config).images.holdImage('sha256:1', { podUid: 'u1', volume: 'v' });
  await assert.rejects(hold('{"rootfs":{"diff_ids":[1]}}'), {
    message: 'the config of image sha256:1 tells no layers',
  });
  const half = Buffer.alloc(5 * 1024 * 1024, ' ');
  await assert.rejects(hold(half, half), { message: 'the config of image sha256:1 is too long' });
});
