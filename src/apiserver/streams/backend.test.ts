import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBackend } from '../../../test/kit/proxied.ts';
import { callBackend } from './backend.ts';

test('of many calls that are given up at once few end in one turn of the event loop, and all end', async () => {
  await using backend = await startBackend(() => {});
  const { host, port } = backend;
  const givenUp = new AbortController();
  const calls = Array.from({ length: 40 }, () =>
    callBackend({ host, port, path: '/' }, { method: 'GET', headers: {} }, givenUp.signal),
  );
  for (const { call } of calls) call.end();
  const outcomes = Promise.allSettled(calls.map(({ came }) => came));
  givenUp.abort();
  const ended = calls.filter(({ call }) => call.destroyed).length;
  assert.deepEqual(new Set((await outcomes).map(({ status }) => status)), new Set(['rejected']));
  assert.ok(ended > 0 && ended < 20, `${ended} of 40 ended at once`);
});
