import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { Exchange } from '../../http/exchange.ts';
import { Shutdown } from './shutdown.ts';

/** What a request is answered with where the end refuses it; `undefined` where it may go on. */
function refusal(shutdown: Shutdown, target: string, protocol: Exchange['connection']['protocol'] = 'HTTP/1.1') {
  let answered: unknown;
  const respond: Exchange['respond'] = (status, headers) => void (answered = [status, headers]);
  const exchange = { target, connection: { protocol }, respond } as unknown as Exchange;
  return shutdown.refuses(exchange) ? answered : undefined;
}

test('a server serves on for a while after it has said that it ends, then refuses all but probes', async () => {
  const clock = new VirtualClock();
  const shutdown = new Shutdown(clock, { delayMs: 1000 });
  const steps: string[] = [];
  assert.equal(shutdown.problem, undefined);
  const ending = shutdown.run(() => void steps.push('streams end'));
  assert.equal(shutdown.problem, 'process is shutting down');
  assert.deepEqual([refusal(shutdown, '/api/v1/pods'), steps], [undefined, []]);
  await clock.advance(1000);
  await ending;
  assert.deepEqual(steps, ['streams end']);
  const headers = {
    'retry-after': '5',
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  };
  assert.deepEqual(refusal(shutdown, '/api/v1/pods'), [429, { connection: 'close', ...headers }]);
  assert.deepEqual(refusal(shutdown, '/api/v1/pods', 'HTTP/2.0'), [429, headers]);
  for (const probe of ['/readyz', '/livez/ping', '/metrics']) assert.equal(refusal(shutdown, probe), undefined);
});

test('what is under way is waited for, but not for ever', async () => {
  for (const leaves of [true, false]) {
    const clock = new VirtualClock();
    const shutdown = new Shutdown(clock, { drainMs: 5000 });
    shutdown.enter();
    shutdown.enter();
    let hasEnded = false;
    const ending = shutdown.run(() => {}).then(() => (hasEnded = true));
    shutdown.leave();
    await clock.advance(4999);
    assert.equal(hasEnded, false);
    if (leaves) shutdown.leave();
    else await clock.advance(1);
    await ending;
  }
});
