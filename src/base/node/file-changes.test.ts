import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { watchFile } from './file-changes.ts';

test('a file that is replaced by another of its name has changed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'file-changes-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'one');
  await writeFile(file, 'a');
  const changed = Promise.withResolvers<void>();
  using watching = watchFile(file, changed.resolve);
  void watching;
  await writeFile(join(folder, 'two'), 'b');
  await rename(join(folder, 'two'), file);
  await changed.promise;
});

test('a folder that is not there is silent', () => {
  using watching = watchFile('/nowhere/at/all', () => assert.fail('nothing can change'));
  void watching;
});
