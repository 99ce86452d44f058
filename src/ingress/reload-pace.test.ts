import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger, type Logger } from '../base/logger.ts';
import { ReloadPace } from './reload-pace.ts';

test('the first reload goes at once, and the pause behind one grows with the configurations that drain', () => {
  const pace = new ReloadPace();
  assert.equal(pace.leftMs(0), 0);
  for (const [draining, pauseMs] of [
    [0, 1000],
    [1, 2000],
    [4, 5000],
    [100, 15_000],
  ] as const) {
    pace.reloaded(1000, draining, silentLogger);
    assert.equal(pace.leftMs(1000), pauseMs);
    assert.equal(pace.leftMs(1000 + pauseMs), 0);
  }
});

test('many configurations that drain are told once, until they are few again', () => {
  const pace = new ReloadPace();
  const told: unknown[] = [];
  const log: Logger = { ...silentLogger, warn: (_message, facts) => void told.push(facts!['draining']) };
  for (const draining of [7, 8, 9, 3, 12]) pace.reloaded(0, draining, log);
  assert.deepEqual(told, [8, 12]);
});
