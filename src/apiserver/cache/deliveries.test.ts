import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Clock } from '../../base/clock.ts';
import { nextTurn } from '../../base/turn.ts';
import { CachedObject } from './cached-object.ts';
import { ObjectChange } from './change.ts';
import { Deliveries } from './deliveries.ts';
import { WatcherGroup } from './watcher-group.ts';
import type { Watcher } from './watcher.ts';

const everything = { prefix: '/', namespace: undefined, only: undefined, trigger: undefined, text: '' };

/** One watcher of all, each delivery to whom takes `costMs`; and a clock that only that moves, and `pass`. */
function setting(costMs: number) {
  let ms = 0;
  const timers: { at: number; callback: () => void }[] = [];
  const clock: Clock = {
    now: () => ms,
    monotonic: () => ms,
    setTimer(delayMs, callback) {
      timers.push({ at: ms + delayMs, callback });
      const cancel = () => assert.fail('nobody cancels');
      return { cancel, [Symbol.dispose]: cancel };
    },
    sleep: () => assert.fail('nobody sleeps'),
  };
  const deliveries = new Deliveries(clock);
  const group = new WatcherGroup({ ...everything, conversion: undefined, matches: undefined }, 'deferred', () => {});
  const sizes: number[] = [];
  group.add({
    deliver({ events }: { events: readonly unknown[] }) {
      sizes.push(events.length);
      ms += costMs;
    },
  } as unknown as Watcher);
  let revision = 0;
  return {
    sizes,
    /** Commits so many changes. */
    commit(count: number): void {
      for (let left = count; left > 0; left--) {
        const object = new CachedObject('/a', 1, Buffer.from('{}'), 1, ++revision);
        const change = new ObjectChange(object, undefined, false);
        deliveries.note(change);
        if (group.note(change)) deliveries.add(group);
      }
      deliveries.deliverSoon();
    },
    async turns(): Promise<void> {
      for (let count = 0; count < 3; count++) await nextTurn();
    },
    pass(by: number): void {
      ms += by;
      for (const { at, callback } of timers.splice(0)) if (at <= ms) callback();
    },
  };
}

it('what costs nothing is delivered a turn after each commit', async () => {
  const { sizes, commit, turns } = setting(0);
  for (let round = 0; round < 3; round++) {
    commit(1);
    await turns();
  }
  assert.deepEqual(sizes, [1, 1, 1]);
});

it('after a delivery as much time passes as it took, and what is committed meanwhile goes together', async () => {
  const { sizes, commit, turns, pass } = setting(8);
  commit(1);
  await turns();
  for (let round = 0; round < 5; round++) commit(1);
  await turns();
  assert.deepEqual(sizes, [1]);
  pass(8);
  assert.deepEqual(sizes, [1, 5]);
});

it('nobody waits longer than twenty milliseconds for the next delivery', async () => {
  const { sizes, commit, turns, pass } = setting(500);
  commit(1);
  await turns();
  commit(2);
  pass(20);
  assert.deepEqual(sizes, [1, 2]);
});
