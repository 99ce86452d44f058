import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedSerial, Serial } from './serial.ts';
import { VirtualClock } from './virtual-clock.ts';

test('actions run one after the other, past a failure', async () => {
  const clock = new VirtualClock();
  const serial = new Serial();
  const log: string[] = [];
  const first = serial.run(async () => {
    await clock.sleep(10);
    log.push('first');
    throw new Error('broken');
  });
  const second = serial.run(() => log.push('second'));
  const failed = assert.rejects(first, /broken/);
  await clock.advance(10);
  await failed;
  await second;
  assert.deepEqual(log, ['first', 'second']);
});

test('keys do not wait for each other', async () => {
  const clock = new VirtualClock();
  const serial = new KeyedSerial();
  const log: string[] = [];
  const work = [
    serial.run('a', async () => {
      await clock.sleep(10);
      log.push('a1');
    }),
    serial.run('a', () => log.push('a2')),
    serial.run('b', () => log.push('b')),
  ];
  await clock.advance(10);
  await Promise.all(work);
  assert.deepEqual(log, ['b', 'a1', 'a2']);
});
