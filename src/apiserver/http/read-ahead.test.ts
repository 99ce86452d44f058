import assert from 'node:assert/strict';
import test from 'node:test';
import { mostWeight } from '../../apimachinery/decode/body-weight.ts';
import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { systemClock } from '../../base/system-clock.ts';
import { nextTurn } from '../../base/turn.ts';
import { readAhead } from './read-ahead.ts';

/** On which each look takes as long as a turn may. */
let now = 0;
const clock = { ...systemClock, monotonic: () => (now += 5), busy: () => now };
const read = (json: string) => readAhead(Buffer.from(json), clock);

test('a text is read in turns, and each who takes it has his own', async () => {
  let turns = 0;
  let isRead = false;
  const reading = read('{"a":[1],"a":[2]}').finally(() => (isRead = true));
  while (!isRead) {
    await nextTurn();
    turns++;
  }
  assert.ok(turns >= 2, `${turns} turns`);
  const json = await reading;
  const [first, second] = [json(), json()];
  assert.deepEqual(first, { text: '{"a":[1],"a":[2]}', value: { a: [2] }, hasRepeated: true });
  assert.deepEqual(second, first);
  assert.notEqual(second.value, first.value);
});

test('what is no JSON is told to whoever takes it', async () => {
  const json = await read('{"a":');
  assert.throws(json, DecodeError);
  assert.throws(json, DecodeError);
});

test('what is too heavy is refused at once', async () => {
  const json = `[${'{},'.repeat(mostWeight)}`;
  await assert.rejects(read(json), {
    message:
      'Request entity too large: limit is 60000 values, where an item of a list and a key of a large map count as 5',
  });
});
