import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncQueue } from '../../base/async-queue.ts';
import { nextTurn } from '../../base/turn.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { readLog } from './live-log.ts';

test('lines are shown together, and the rest when the log ends', async () => {
  const clock = new VirtualClock();
  const pieces = new AsyncQueue<string>();
  const log = readLog(pieces, { clock });
  for (const piece of ['one\n', 'two\n']) pieces.push(piece);
  await nextTurn();
  assert.equal(log.text.value, '');
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(100);
  assert.equal(log.text.value, 'one\ntwo\n');
  assert.equal(log.end.value, undefined);
  pieces.push('three');
  pieces.close();
  await nextTurn();
  assert.equal(log.text.value, 'one\ntwo\nthree');
  assert.equal(log.end.value, 'The log has ended.');
});

test('what goes wrong is told below what has come', async () => {
  const clock = new VirtualClock();
  const pieces = new AsyncQueue<string>();
  const log = readLog(pieces, { clock });
  pieces.push('one\n');
  pieces.close(new Error('container "x" is waiting to start'));
  await nextTurn();
  assert.deepEqual([log.text.value, log.end.value], ['one\n', 'container "x" is waiting to start']);
});
