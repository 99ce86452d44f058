import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { machinePullRecords } from './machine-pull-records.ts';

test('records are files for their owner alone, and drafts among them are none', async () => {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'pull-records-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const store = machinePullRecords(folder);
  assert.deepEqual(await store.read('pulled'), new Map());
  await store.write('pulled', 'sha256-a', 'one');
  await store.write('pulled', 'sha256-a', 'two');
  const pulled = join(folder, 'image_manager', 'pulled');
  await writeFile(join(pulled, '.sha256-a.7.1'), 'dra');
  assert.deepEqual(await store.read('pulled'), new Map([['sha256-a', 'two']]));
  assert.equal((await stat(join(pulled, 'sha256-a'))).mode & 0o777, 0o600);
  assert.equal((await stat(pulled)).mode & 0o777, 0o700);
  await store.remove('pulled', 'sha256-a');
  await store.remove('pulled', 'sha256-a');
  assert.deepEqual(await readdir(pulled), ['.sha256-a.7.1']);
});
