import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, inTurns, type Work } from './work.ts';

function* counting(log: string[]): Work<string> {
  for (const part of ['a', 'b']) {
    log.push(part);
    yield;
  }
  return 'done';
}

test('work in turns waits for one between its parts', async () => {
  const log: string[] = [];
  const next = async (): Promise<void> => void log.push('turn');
  assert.equal(await inTurns(counting(log), next), 'done');
  assert.deepEqual(log, ['a', 'turn', 'b', 'turn']);
});

test('work at once does not wait', () => {
  const log: string[] = [];
  assert.equal(atOnce(counting(log)), 'done');
  assert.deepEqual(log, ['a', 'b']);
});
