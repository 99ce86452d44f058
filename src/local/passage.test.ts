import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkPassage } from './passage.ts';

test('a run folder below one that keeps others out is refused, by the name of that one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'passage-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  await assert.rejects(checkPassage(join(inner, 'run')), (error: Error) => {
    assert.ok(error.message.includes(`"${folder}"`) && error.message.includes('its mode is 0700'), error.message);
    return true;
  });
  chmodSync(folder, 0o711);
  await checkPassage(join(inner, 'run'));
});
