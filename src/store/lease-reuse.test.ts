import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { LeaseReuse } from './lease-reuse.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { StoreClosedError } from './store.ts';

const minutes = 60_000;

test('keys of one minute share a lease, a thousand at most, and none goes before its time', async () => {
  const clock = new VirtualClock(0);
  const store = new MemoryStore({ clock });
  const leases = new LeaseReuse(store, clock);
  const first = await leases.leaseFor(60 * minutes);
  assert.equal(first, String(61 * 60), 'it ends a minute late, for those that come last');
  await clock.advance(1 * minutes);
  assert.equal(await leases.leaseFor(60 * minutes), first);
  assert.notEqual(await leases.leaseFor(20 * minutes), first);
  await clock.advance(1);
  const second = await leases.leaseFor(60 * minutes);
  assert.notEqual(second, first);
  await clock.advance(30_000);
  for (let i = 1; i < 1000; i++) assert.equal(await leases.leaseFor(60 * minutes), second);
  assert.notEqual(await leases.leaseFor(60 * minutes), second);
});

test('a store that grants none is asked again', async () => {
  const clock = new VirtualClock(0);
  const store = new MemoryStore({ clock });
  let isBroken = true;
  const granting = {
    grantLease: (ttlMs: number) => (isBroken ? Promise.reject(new StoreClosedError()) : store.grantLease(ttlMs)),
  };
  const leases = new LeaseReuse(granting, clock);
  await assert.rejects(async () => leases.leaseFor(1000), StoreClosedError);
  isBroken = false;
  assert.equal(await leases.leaseFor(1000), '2');
});
