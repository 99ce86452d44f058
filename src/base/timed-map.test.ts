import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimedMap } from './timed-map.ts';
import { VirtualClock } from './virtual-clock.ts';

test('an answer is known until its time is over, also one that is undefined', async () => {
  const clock = new VirtualClock();
  const answers = new TimedMap<string, number | undefined>(clock, 8);
  assert.equal(answers.set('a', 1, 10), 1);
  answers.set('b', undefined, 20);
  await clock.advance(9);
  assert.equal(answers.get('a')?.value, 1);
  await clock.advance(1);
  assert.equal(answers.get('a'), undefined);
  assert.ok('value' in answers.get('b')!);
});

test('keys that are too long are not kept', () => {
  const answers = new TimedMap<string, number>(new VirtualClock(), 8, 3);
  answers.set('long', 1, 10);
  assert.equal(answers.get('long'), undefined);
});
