import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Http2Stream } from './stream.ts';
import { StreamTable } from './stream-table.ts';

function stream(id: number, more: object = {}): Http2Stream {
  return { id, isHandled: true, isAbandoned: false, progressedAt: 0, queue: { bytes: 0 }, ...more } as Http2Stream;
}

test('a handler counts until its end, though its client has taken the request back', () => {
  const table = new StreamTable();
  const one = stream(1);
  table.add(one);
  assert.equal(table.remove(one, false), true);
  assert.equal(table.remove(one, false), false);
  assert.deepEqual([table.isEmpty, table.busy], [true, 1]);
  table.handled(one);
  assert.equal(table.busy, 0);
});

test('a request that was answered, or whose handler has ended, counts no more once it is gone', () => {
  const table = new StreamTable();
  const [answered, ended] = [stream(1), stream(3)];
  for (const one of [answered, ended]) table.add(one);
  table.remove(answered, true);
  table.handled(ended);
  table.remove(ended, false);
  table.handled(answered);
  assert.equal(table.busy, 0);
});

test('the worst is who has most waiting: of those that are stalled, or of all', () => {
  const table = new StreamTable();
  const at = 10_000;
  const [stalled, moving, idle] = [
    stream(1, { queue: { bytes: 5 } }),
    stream(3, { queue: { bytes: 9 }, progressedAt: at }),
    stream(5),
  ];
  for (const one of [idle, stalled, moving]) table.add(one);
  assert.equal(table.worst(at, false), stalled);
  assert.equal(table.worst(at, true), moving);
});

test('a number that was reset is forgiven, until two thousand others were', () => {
  const table = new StreamTable();
  for (let id = 1; id <= 2001; id++) table.forgive(id);
  assert.deepEqual([table.isForgiven(1), table.isForgiven(2)], [false, true]);
});
