import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainOf, foldersOf } from './containerd-images.ts';

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
