import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Informer } from '../client/informer.ts';
import { RevisionGate } from '../client/revision-gate.ts';
import { OwnWrites } from './own-writes.ts';

/** A cache that comes to a version when the test says so. */
function setUp() {
  const clock = new VirtualClock();
  const gate = new RevisionGate(clock);
  const stop = new AbortController();
  const warnings: unknown[] = [];
  let lists = 0;
  let list = Promise.withResolvers<void>();
  const informer = {
    get: () => undefined,
    onChange: () => () => undefined,
    reached: (version: string, timeoutMs: number) => gate.reached(version, timeoutMs),
    resourceVersion: () => gate.resourceVersion,
    relist() {
      lists++;
      return list.promise;
    },
  } as unknown as Informer<any>;
  const log = { ...silentLogger, warn: (_message: string, fields?: object) => void warnings.push(fields) };
  const writes = new OwnWrites({ informer, resource: 'pods', clock, log, signal: stop.signal });
  let done = false;
  const wait = (version: string): void => {
    done = false;
    void writes.reached(version).then(() => (done = true));
  };
  return {
    clock,
    gate,
    stop,
    warnings,
    wait,
    isDone: () => done,
    lists: () => lists,
    listed: () => {
      list.resolve();
      list = Promise.withResolvers<void>();
    },
  };
}

test('a cache that lags but moves is waited for, and said to lag; nothing is listed', async () => {
  const { clock, gate, warnings, wait, isDone, lists } = setUp();
  gate.advance('1');
  wait('100');
  for (let version = 2; version < 20; version++) {
    gate.advance(String(version));
    await clock.advance(1000);
  }
  assert.equal(isDone(), false);
  assert.equal(lists(), 0);
  assert.deepEqual(warnings[0], { resource: 'pods', wanted: '100', shown: '6', lagMs: 5000 });
  gate.advance('100');
  await clock.settle();
  assert.equal(isDone(), true);
});

test('a cache that stands still is listed anew, and not believed before that has come', async () => {
  const { clock, gate, wait, isDone, lists, listed } = setUp();
  gate.advance('1');
  wait('2');
  await clock.advance(60_000);
  assert.equal(isDone(), false);
  assert.equal(lists(), 1);
  listed();
  await clock.settle();
  assert.equal(isDone(), true, 'even when the versions count from another beginning');
});

test('one that moves for a minute without coming to the write is listed anew', async () => {
  const { clock, gate, wait, isDone, lists, listed } = setUp();
  wait('1000');
  for (let version = 1; version <= 61; version++) {
    gate.advance(String(version));
    await clock.advance(1000);
  }
  assert.equal(lists(), 1);
  listed();
  await clock.settle();
  assert.equal(isDone(), true);
});

test('when all ends, nobody waits', async () => {
  const { clock, gate, stop, wait, isDone } = setUp();
  wait('1000');
  await clock.advance(1000);
  stop.abort();
  gate.close();
  await clock.settle();
  assert.equal(isDone(), true);
});
