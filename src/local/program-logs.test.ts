import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cutLog, withLog } from './program-logs.ts';

test('a log is cut under who writes it, and what was in it is kept once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'logs-'));
  const file = join(folder, 'below', 'server.log');
  try {
    cutLog(file, 10); // there is none yet
    withLog(file, (log) => {
      writeSync(log, '0123456789');
      cutLog(file, 10);
      assert.equal(existsSync(`${file}.1`), false);
      writeSync(log, 'A');
      cutLog(file, 10);
      assert.deepEqual([readFileSync(`${file}.1`, 'utf8'), statSync(file).size], ['0123456789A', 0]);
      writeSync(log, 'goes on');
      assert.equal(readFileSync(file, 'utf8'), 'goes on');
      writeSync(log, ' and on');
      cutLog(file, 10);
      assert.deepEqual([readFileSync(`${file}.1`, 'utf8'), statSync(file).mode & 0o777], ['goes on and on', 0o600]);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
