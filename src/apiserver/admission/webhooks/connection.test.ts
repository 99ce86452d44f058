import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { systemClock } from '../../../base/system-clock.ts';
import { nextTurn } from '../../../base/turn.ts';
import type { ServerContext } from '../../context.ts';
import { WebhookConnection } from './connection.ts';

test('of many questions that come in one turn of the event loop few begin in it', async () => {
  // No turn is ever over by its time.
  const context = { clock: { ...systemClock, busy: () => 0 } } as ServerContext;
  // Nobody listens there.
  using connection = new WebhookConnection({ url: 'https://127.0.0.1:1' }, context);
  let begun = 0;
  const count = (): void => void begun++;
  subscribe('http.client.request.created', count);
  const all = Promise.allSettled(Array.from({ length: 100 }, () => connection.post('{}', 10)));
  await nextTurn();
  const atOnce = begun;
  const outcomes = await all;
  unsubscribe('http.client.request.created', count);
  assert.ok(atOnce > 0 && atOnce <= 40, `${atOnce} of 100 began in the turn in which they came`);
  assert.equal(begun, 100);
  assert.match(String((outcomes[0] as PromiseRejectedResult).reason), /connect: connection refused$/);
});
