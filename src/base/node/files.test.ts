import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makePrivateFolder, readTextIfThere, writeFileAtomically } from './files.ts';

test('a file is replaced whole, readable by its owner only, and leaves no draft', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'files-'));
  try {
    const path = join(folder, 'deep', 'secret');
    await makePrivateFolder(join(folder, 'deep'));
    assert.equal(await readTextIfThere(path), undefined);
    await writeFileAtomically(path, 'one');
    await writeFileAtomically(path, new TextEncoder().encode('two'));
    assert.equal(await readTextIfThere(path), 'two');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder, 'deep'))).mode & 0o777, 0o700);
    await writeFileAtomically(path, 'three', { mode: 0o644 });
    assert.equal((await stat(path)).mode & 0o777, 0o644);
    await assert.rejects(writeFileAtomically(join(folder, 'deep'), 'a folder is in the way'));
    assert.deepEqual(await readdir(folder), ['deep']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
