import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Leases } from '../api/coordination/v1/types.ts';
import { aborted } from '../base/abort.ts';
import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { createClient } from '../client/typed-client.ts';
import { whileLeading } from './leader-election.ts';
import { SmallServer } from './testing/small-server.ts';

function setUp() {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const server = new SmallServer(clock, random);
  const log: string[] = [];
  const cutOff = new Set<string>();
  /** Whose calls get no answer at all. */
  const silent = new Set<string>();
  const join = (identity: string) => {
    const stop = new AbortController();
    const client = createClient({
      call(request) {
        if (silent.has(identity)) return new Promise(() => undefined);
        return cutOff.has(identity) ? Promise.reject(new Error('unreachable')) : server.call(request);
      },
      watch: (request, signal) => server.watch(request, signal),
    });
    const lease = { namespace: 'kube-system', name: 'kube-controller-manager' };
    const options = { client, lease, identity, clock, random, log: silentLogger, signal: stop.signal };
    const done = whileLeading(options, async (signal) => {
      log.push(`${identity} leads`);
      await aborted(signal);
      log.push(`${identity} stops`);
    });
    return { stop: () => stop.abort(), done };
  };
  return { clock, server, log, cutOff, silent, join };
}

test('one leads; when it leaves it gives the Lease back and another takes over at once', async () => {
  const { clock, server, log, join } = setUp();
  const a = join('a');
  await clock.advance(100);
  const b = join('b');
  await clock.advance(60_000);
  assert.deepEqual(log, ['a leads']);
  a.stop();
  await a.done;
  await clock.advance(3000);
  assert.deepEqual(log, ['a leads', 'a stops', 'b leads']);
  const { spec } = server.all(Leases)[0]!;
  assert.deepEqual([spec?.holderIdentity, spec?.leaseTransitions, spec?.leaseDurationSeconds], ['b', 1, 15]);
  b.stop();
  await b.done;
  assert.equal(clock.pendingTimers, 0);
});

test('a leader that cannot renew steps down before another may take over', async () => {
  const { clock, log, cutOff, join } = setUp();
  const a = join('a');
  await clock.advance(100);
  const b = join('b');
  await clock.advance(10_000);
  cutOff.add('a');
  await clock.advance(14_000);
  assert.deepEqual(log, ['a leads', 'a stops']);
  await clock.advance(6000);
  assert.deepEqual(log, ['a leads', 'a stops', 'b leads']);
  cutOff.clear();
  await clock.advance(60_000);
  assert.equal(log.length, 3);
  a.stop();
  b.stop();
  await Promise.all([a.done, b.done]);
});

test('a leader whose calls get no answer steps down as early, and gives up giving the Lease back', async () => {
  const { clock, log, silent, join } = setUp();
  const a = join('a');
  await clock.advance(100);
  const b = join('b');
  await clock.advance(10_000);
  silent.add('a');
  await clock.advance(12_100);
  assert.deepEqual(log, ['a leads', 'a stops']);
  await clock.advance(8000);
  assert.deepEqual(log, ['a leads', 'a stops', 'b leads']);
  a.stop();
  await clock.advance(10_000);
  await a.done;
  b.stop();
  await b.done;
  assert.equal(clock.pendingTimers, 0);
});
