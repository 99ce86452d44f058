import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from './logger.ts';

test('lines hold the message, the fields and no secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'logger-'));
  try {
    const path = join(folder, 'log');
    const log = createLogger({ destination: path, fields: { component: 'test' } });
    log.debug('too small to be written');
    log
      .with({ pod: 'a/b' })
      .warn('Cannot start', { error: new Error('broken'), token: 'abc', request: { password: 'xyz' } });
    const [line, ...rest] = (await readFile(path, 'utf8')).trim().split('\n');
    assert.deepEqual(rest, []);
    const { time, error, ...facts } = JSON.parse(line!);
    assert.match(time, /^\d{4}-.*Z$/);
    assert.match(error.stack, /broken/);
    assert.deepEqual(facts, {
      level: 'warn',
      component: 'test',
      pod: 'a/b',
      message: 'Cannot start',
      token: '[secret]',
      request: { password: '[secret]' },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a log that cannot be written ends nobody', { skip: process.platform !== 'linux' }, () => {
  const log = createLogger({ destination: '/dev/full' });
  assert.doesNotThrow(() => log.info('lost'));
  assert.doesNotThrow(() => log.info('lost too'));
});
