import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../base/system-clock.ts';
import { Turns } from '../../base/turns.ts';
import { Selectors } from '../request/selectors.ts';
import type { Operation } from './operation.ts';
import { selectionInTurn } from './selection.ts';

/** A list of a kind by its labels. */
function listBy(labels: string): Operation {
  const served = { prefix: '/configmaps/', type: { namespaced: true }, form: {} };
  return { served, request: { namespace: 'a' }, selectors: new Selectors(labels, '') } as unknown as Operation;
}

const long = listBy(`app in (${Array.from({ length: 5000 }, (_, at) => `v${at}`).join(',')})`);

test('long selectors are read in a turn that has time for them, short ones at once', async () => {
  let now = 0;
  const clock = { ...systemClock, monotonic: () => now };
  assert.equal(Turns.of(clock).isOver, false);
  now += 50;
  assert.ok(!(selectionInTurn(listBy('app=web'), clock) instanceof Promise));
  const reading = selectionInTurn(long, clock);
  assert.ok(reading instanceof Promise);
  let isRead = false;
  void reading.then(() => (isRead = true));
  await Promise.resolve();
  assert.equal(isRead, false);
  assert.equal((await reading).prefix, '/configmaps/a/');
});
