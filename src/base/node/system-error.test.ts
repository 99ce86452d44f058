import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { errorSentence, reasonOf } from './system-error.ts';

test('failures of the system are told in words', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'errors-'));
  const failure = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => assert.fail('nothing failed'),
      (error: unknown) => error,
    );
  try {
    const missing = join(folder, 'missing');
    const error = await failure(readFile(missing));
    assert.equal(errorSentence(error), `Cannot open "${missing}": there is no such file or folder`);
    assert.equal(reasonOf(error), 'there is no such file or folder');
    const looked = await failure(readdir(missing));
    assert.equal(errorSentence(looked), `Cannot look into "${missing}": there is no such file or folder`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (process.platform === 'linux') {
    const full = await open('/dev/full', 'w');
    assert.equal(errorSentence(await failure(full.write('x'))), 'Cannot write: the disk is full');
    await full.close();
  }
});

test('other errors keep their words', () => {
  assert.equal(errorSentence(new Error('Cannot do that')), 'Cannot do that');
  assert.equal(reasonOf(Object.assign(new Error('odd'), { code: 'EODD', syscall: 'open' })), 'odd');
});
