import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { Current } from './current.ts';

function setting() {
  const clock = new VirtualClock();
  const ended: string[] = [];
  const one = (name: string) => ({ name, [Symbol.dispose]: () => void ended.push(name) });
  return { clock, ended, one, current: new Current(one('a'), clock) };
}

test('what served before ends a minute after it was replaced', async () => {
  const { clock, ended, one, current } = setting();
  current.replace(one('b'));
  assert.equal(current.value.name, 'b');
  await clock.advance(59_999);
  assert.deepEqual(ended, []);
  await clock.advance(1);
  assert.deepEqual(ended, ['a']);
});

test('at the end all that is left ends', async () => {
  const { clock, ended, one, current } = setting();
  current.replace(one('b'));
  current.replace(one('c'));
  await current[Symbol.asyncDispose]();
  assert.deepEqual(ended, ['a', 'b', 'c']);
  assert.equal(clock.pendingTimers, 0);
});
