import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger, type Logger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { Upkeep } from './upkeep.ts';

const minute = 60_000;

/** A chore of every minute that fails while `isBroken`, with the seconds at which it ran and what was told. */
function tended(isBroken: () => boolean) {
  const clock = new VirtualClock();
  const ranAt: number[] = [];
  const told: string[] = [];
  const say = (message: string) => void told.push(message);
  const log: Logger = { ...silentLogger, warn: say };
  const run = async () => {
    ranAt.push(clock.monotonic() / 1000);
    if (isBroken()) throw new Error('it is broken');
  };
  const upkeep = new Upkeep([{ name: 'the note', everyMs: minute, run }], { clock, log });
  return { clock, ranAt, told, upkeep };
}

test('a chore is done at its times, and between them when it is hurried', async () => {
  const { clock, ranAt, told, upkeep } = tended(() => false);
  await clock.advance(minute);
  await clock.advance(10_000);
  upkeep.hurry('the note');
  await clock.advance(minute);
  assert.deepEqual(ranAt, [60, 70, 130]);
  assert.deepEqual(told, []);
  await upkeep[Symbol.asyncDispose]();
  assert.equal(clock.pendingTimers, 0);
});

test('one that fails is told and tried again, later each time and never later than at its next time', async () => {
  let isBroken = true;
  const { clock, ranAt, told, upkeep } = tended(() => isBroken);
  upkeep.hurry('the note');
  await clock.advance(150_000);
  assert.deepEqual(ranAt, [0, 1, 3, 7, 15, 31, 63, 123]);
  assert.equal(told.length, ranAt.length);
  assert.equal(told[0], 'the note failed');
  isBroken = false;
  await clock.advance(2 * minute);
  assert.deepEqual(ranAt.slice(8), [183, 243]);
  await upkeep[Symbol.asyncDispose]();
});
