import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../base/system-clock.ts';
import { openLmdbStore } from './lmdb-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

const writer = fileURLToPath(new URL('./failing-writer.ts', import.meta.url));
/** Limits files to 2,000 blocks of a kibibyte, and makes the limit an error instead of a signal. */
const limited = 'ulimit -f 2000; trap "" XFSZ; exec "$@"';

test('when the disk takes no more, every write behind it fails, later ones are refused, and what was acknowledged stays', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'store.lmdb');
  const child = spawn('bash', ['-c', limited, 'bash', process.execPath, writer, path], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const said = JSON.parse(await text(child.stdout));
  await exited;
  assert.ok(said.acknowledged > 100);
  assert.match(said.errors[0], /^StoreFailedError: The store takes no more writes, because one failed: .+/);
  assert.deepEqual(said, {
    acknowledged: said.acknowledged,
    errors: said.errors,
    failures: [said.errors[0].replace('StoreFailedError: ', '')],
    later: 'StoreFailedError',
    entries: said.acknowledged,
    revision: said.acknowledged,
  });
  await using store = await openLmdbStore({ path, clock: systemClock });
  assert.equal((await store.read('/')).revision, said.acknowledged);
  assert.ok((await store.txn('/again', 'any', { put: new Uint8Array(1) })).committed);
});
