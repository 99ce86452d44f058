import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { machineFolders } from './machine-folders.ts';

const name = 'pvc-01234567-89ab-cdef-0123-456789abcdef';

test('a volume is a folder for everyone, which is kept when it is made again and goes with all that is in it', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'folders-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const folders = machineFolders(root);
  const path = await folders.make(name);
  assert.equal(path, join(root, name));
  assert.equal(statSync(path).mode & 0o777, 0o777);
  writeFileSync(join(path, 'kept'), 'x');
  await folders.make(name);
  assert.ok(existsSync(join(path, 'kept')));
  await folders.remove(name);
  await folders.remove(name);
  assert.ok(!existsSync(path));
  assert.ok((await folders.capacity()) > 0);
});

test('nothing that was not made here is removed', async () => {
  for (const other of ['..', 'pvc-1', `${name}/..`, 'data'])
    await assert.rejects(async () => machineFolders('/nowhere').remove(other), /was not made by this node/);
});
