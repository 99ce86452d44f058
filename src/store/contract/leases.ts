import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { LeaseNotFoundError, type Store } from '../store.ts';
import { get, keys, nextChanges, put, putNow, revisionOf, told } from '../contract-access.ts';

const seconds = 1000;

/** Entries that go with their lease. */
export function describeLeases(open: (clock: VirtualClock) => Promise<Store>): void {
  test('an entry goes when its lease ends, with an event; a later put without the lease lifts it, one with another moves it', async () => {
    const clock = new VirtualClock(1_000_000);
    await using store = await open(clock);
    const [first, second, third] = [
      await store.grantLease(10 * seconds),
      await store.grantLease(20 * seconds),
      await store.grantLease(30 * seconds),
    ];
    await putNow(store, '/short', '1', first);
    await putNow(store, '/long', '2', second);
    await putNow(store, '/kept', '3', first);
    await putNow(store, '/kept', '4');
    await putNow(store, '/moved', '5', first);
    const last = await putNow(store, '/moved', '6', third);
    await clock.advance(10 * seconds - 1);
    assert.deepEqual(await keys(store, '/'), ['/kept', '/long', '/moved', '/short']);
    await clock.advance(2);
    const [gone] = await nextChanges(store, '/', last, 1);
    assert.equal(told(gone!), `delete /short@${gone!.modified}`);
    await clock.advance(10 * seconds);
    await nextChanges(store, '/', gone!.modified, 1);
    assert.deepEqual(await keys(store, '/'), ['/kept', '/moved']);
    await clock.advance(10 * seconds);
    await nextChanges(store, '/', gone!.modified, 2);
    await clock.advance(1000 * seconds);
    assert.deepEqual(await keys(store, '/'), ['/kept']);
  });

  test('one lease can hold thousands of entries, and all of them go', async () => {
    const clock = new VirtualClock(0);
    await using store = await open(clock);
    const count = 2000;
    const lease = await store.grantLease(1 * seconds);
    await Promise.all(Array.from({ length: count }, (_, i) => putNow(store, `/${i}`, 'x', lease)));
    const revision = await revisionOf(store);
    await clock.advance(1 * seconds);
    await nextChanges(store, '/', revision, count);
    assert.deepEqual(await keys(store, '/'), []);
  });

  test('nothing can be put under a lease that has ended or never was', async () => {
    const clock = new VirtualClock(1000);
    await using store = await open(clock);
    const lease = await store.grantLease(1 * seconds);
    await clock.advance(2 * seconds);
    await assert.rejects(put(store, '/a', '1', 'any', lease), LeaseNotFoundError);
    await assert.rejects(put(store, '/a', '1', 'any', 'none'), LeaseNotFoundError);
    assert.equal(await get(store, '/a'), undefined);
  });
}
