import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, readdir, realpath, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { removeOldBundles } from './old-bundles.ts';

test('the newest bundles stay, and older ones that a program holds open', async () => {
  const bundles = await realpath(await mkdtemp(join(tmpdir(), 'bundles-')));
  try {
    for (let age = 0; age < 8; age++) {
      await mkdir(join(bundles, `${age}`));
      await utimes(join(bundles, `${age}`), 1000 - age, 1000 - age);
    }
    const held = await open(join(bundles, '6'));
    try {
      await removeOldBundles(bundles);
      assert.deepEqual((await readdir(bundles)).sort(), ['0', '1', '2', '3', '6']);
    } finally {
      await held.close();
    }
    await removeOldBundles(bundles);
    assert.deepEqual((await readdir(bundles)).sort(), ['0', '1', '2', '3']);
  } finally {
    await rm(bundles, { recursive: true });
  }
});
