import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from './clock.ts';
import { systemClock } from './system-clock.ts';
import { nextTurn } from './turn.ts';
import { Turns } from './turns.ts';
import { inSteps, inTurns, wholeOf, type Steps } from './in-steps.ts';

/** A clock on which time passes only when it is told to. */
function clockOf(now: () => number): Clock {
  return { ...systemClock, monotonic: now, busy: now };
}

function* steps(count: number, cost: number | undefined, done: () => void): Steps<number> {
  for (let at = 0; at < count; at++) {
    done();
    yield cost;
  }
  return count;
}

const cheap = () => steps(100, 100, () => {});

test('what is cheap is done at once', () => {
  assert.equal(inSteps(Turns.of(clockOf(() => 0)), cheap()), 100);
});

test('many steps that cost nothing take long too', async () => {
  let now = 0;
  const running = inSteps(
    Turns.of(clockOf(() => now)),
    steps(10_000, 0, () => now++),
  );
  assert.ok(running instanceof Promise);
  assert.equal(await running, 10_000);
});

test('nothing is done in a turn that is over', async () => {
  let now = 0;
  const turns = Turns.of(clockOf(() => now));
  assert.equal(turns.isOver, false);
  now = 50;
  const running = inSteps(turns, cheap());
  assert.ok(running instanceof Promise);
  assert.equal(await running, 100);
});

test('what takes long gives others their turn between two steps', async () => {
  let now = 0;
  let done = 0;
  const running = inSteps(
    Turns.of(clockOf(() => now)),
    steps(10, 1_000_000, () => {
      now += 50;
      done++;
    }),
  );
  assert.ok(running instanceof Promise);
  const seen = new Set<number>();
  while (done < 10) {
    seen.add(done);
    await nextTurn();
  }
  assert.equal(await running, 10);
  assert.deepEqual([...seen], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('the clock is looked at after each step that does not tell what it cost', async () => {
  let now = 0;
  let done = 0;
  const running = inSteps(
    Turns.of(clockOf(() => now)),
    steps(3, undefined, () => {
      now += 50;
      done++;
    }),
  );
  assert.equal(done, 1);
  assert.equal(await running, 3);
});

test('where there is no clock a turn has one step', async () => {
  let done = 0;
  const running = inTurns(steps(3, undefined, () => done++));
  const seen = [done];
  for (let turn = 0; turn < 2; turn++) {
    await nextTurn();
    seen.push(done);
  }
  assert.equal(await running, 3);
  assert.deepEqual(seen, [1, 2, 3]);
});

test('all steps are done in one go where nobody else is to have a turn', () => {
  assert.equal(wholeOf(steps(3, 1_000_000, () => {})), 3);
});
