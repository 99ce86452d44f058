import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { rotateLog } from './rotate-log.ts';

const bounds = { mostBytes: 10, mostFiles: 4 };
const second = (count: number): number => Date.UTC(2026, 10, 30, 1, 2, count);

test('a long log is rotated, what was before is packed, and the oldest goes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, '0.log');
  writeFileSync(path, 'too short');
  const rotate = (at: number, reopen = async () => writeFileSync(path, '')): Promise<boolean> =>
    rotateLog(path, bounds, second(at), reopen);

  assert.equal(await rotate(0), false);
  for (const at of [1, 2, 3, 4]) {
    appendFileSync(path, `${at} and more`);
    assert.equal(await rotate(at), true);
  }
  writeFileSync(join(folder, '1.log.20260101-000000'), 'of another attempt');
  writeFileSync(join(folder, '0.log.20261130-010202.gz.tmp'), 'half done');
  const files = (): string[] => readdirSync(folder).sort();
  assert.deepEqual(
    files().filter((name) => !name.endsWith('.tmp')),
    ['0.log', '0.log.20261130-010202.gz', '0.log.20261130-010203.gz', '0.log.20261130-010204', '1.log.20260101-000000'],
  );
  const text = (name: string): Buffer => readFileSync(join(folder, name));
  assert.equal(gunzipSync(text('0.log.20261130-010202.gz')).toString(), '2 and more');
  assert.equal(text('0.log.20261130-010204').toString(), '4 and more');

  appendFileSync(path, 'goes on here');
  await assert.rejects(
    rotate(5, () => Promise.reject(new Error('the runtime is gone'))),
    /the runtime is gone/,
  );
  assert.equal(text('0.log').toString(), 'goes on here');
  assert.equal(files().length, 4); // the oldest and the half done have gone
  assert.equal(await rotateLog(join(folder, 'none.log'), bounds, 0, () => assert.fail('nothing to open')), false);
});
