import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyBudget, type HeldBody } from './body-budget.ts';

/** Bodies of so many bytes each, which have stopped to come at the given times, in a budget that they fill. */
function full(stoppedAt: readonly number[], bytes = 10) {
  const budget = new BodyBudget(stoppedAt.length * bytes);
  const evicted: number[] = [];
  let looks = 0;
  stoppedAt.forEach((at, index) => {
    const body: HeldBody = {
      heldBytes: bytes,
      isWanted: true,
      get progressedAt() {
        looks++;
        return at;
      },
      evict() {
        evicted.push(index);
        budget.give(body, bytes);
      },
    };
    assert.ok(budget.take(body, bytes, at));
  });
  const asking = { heldBytes: 0, progressedAt: 0, isWanted: true, evict() {} };
  return { budget, evicted, looks: () => looks, ask: (now: number) => budget.take(asking, bytes, now) };
}

test('those that have stopped make room, with some to spare, and no others', () => {
  const { ask, evicted } = full([...Array.from({ length: 30 }, () => 0), 500, 500]);
  assert.equal(ask(1000), true);
  assert.deepEqual(evicted, [0, 1, 2]);
});

test('while nothing has stopped, and until something may have, nobody looks through them again', () => {
  const { ask, evicted, looks } = full([300, 200]);
  assert.deepEqual([ask(400), ask(500), ask(1199)], [false, false, false]);
  assert.equal(looks(), 2);
  assert.deepEqual(evicted, []);
  assert.equal(ask(1200), true);
  assert.deepEqual(evicted, [1]);
});
