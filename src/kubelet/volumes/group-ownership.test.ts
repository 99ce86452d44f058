import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { giveToGroup } from './group-ownership.ts';

const isRoot = process.getuid?.() === 0;

test(
  'a folder goes to a group with all that is in it, but not with what links lead to',
  {
    skip: !isRoot && 'needs root',
  },
  async (t) => {
    const root = mkdtempSync(join(tmpdir(), 'group-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const volume = join(root, 'volume');
    mkdirSync(join(volume, 'deep'), { recursive: true });
    writeFileSync(join(volume, 'deep', 'file'), '', { mode: 0o600 });
    writeFileSync(join(root, 'outside'), '', { mode: 0o600 });
    symlinkSync('../outside', join(volume, 'link'));
    const seen = (path: string) => [
      statSync(join(root, path)).gid,
      (statSync(join(root, path)).mode & 0o7777).toString(8),
    ];

    await giveToGroup(volume, { group: 2000 });
    assert.deepEqual(seen('volume/deep'), [2000, '2775']);
    assert.deepEqual(seen('volume/deep/file'), [2000, '660']);
    assert.deepEqual(seen('outside'), [0, '600']);

    chmodSync(join(volume, 'deep', 'file'), 0o600);
    await giveToGroup(volume, { group: 2000, onlyIfRootDiffers: true });
    assert.deepEqual(seen('volume/deep/file'), [2000, '600'], 'the root belongs to the group already');
    await giveToGroup(volume, { group: 2001, onlyIfRootDiffers: true });
    assert.deepEqual(seen('volume/deep/file'), [2001, '660']);
  },
);
