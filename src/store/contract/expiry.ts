import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { Store } from '../store.ts';
import { bytes, changesUntil, get, keys, put, text } from './access.ts';

/** Entries that go by themselves. */
export function describeExpiry(open: (clock: VirtualClock) => Promise<Store>): void {
  test('an entry goes at its time, with an event and a cause; a later write without a time lifts it', async () => {
    const clock = new VirtualClock(1_000_000);
    await using store = await open(clock);
    await store.put('/short', bytes('1'), { expiresAt: 1_000_100 });
    await store.put('/long', bytes('2'), { expiresAt: 1_000_200 });
    await store.put('/kept', bytes('3'), { expiresAt: 1_000_100 });
    await put(store, '/kept', '4');
    await store.put('/again', bytes('5'), { expiresAt: 1_000_100 });
    await store.put('/again', bytes('6'), { expiresAt: 1_000_300 });
    await clock.advance(99);
    assert.deepEqual(await keys(store, '/'), ['/again', '/kept', '/long', '/short']);
    await clock.advance(2);
    const [change] = await changesUntil(store, '/', 6, 7);
    assert.deepEqual([change?.type, change?.entry.key, text(change?.previous?.value)], ['delete', '/short', '1']);
    assert.equal(change?.cause?.['user'], 'system:expiry');
    await clock.advance(100);
    await changesUntil(store, '/', 7, 8);
    assert.deepEqual(await keys(store, '/'), ['/again', '/kept']);
    await clock.advance(100);
    await changesUntil(store, '/', 8, 9);
    await clock.advance(1_000_000);
    assert.deepEqual(await keys(store, '/'), ['/kept']);
  });

  test('thousands of entries that expire together all go', async () => {
    const clock = new VirtualClock(0);
    await using store = await open(clock);
    const count = 2000;
    await Promise.all(Array.from({ length: count }, (_, i) => store.put(`/${i}`, bytes('x'), { expiresAt: 10 })));
    await clock.advance(10);
    await changesUntil(store, '/', count, 2 * count);
    assert.deepEqual(await keys(store, '/'), []);
  });

  test('a time that has passed already lets the entry go at once', async () => {
    const clock = new VirtualClock(1000);
    await using store = await open(clock);
    await store.put('/a', bytes('1'), { expiresAt: 500 });
    await clock.settle();
    await changesUntil(store, '/', 1, 2);
    assert.equal(await get(store, '/a'), undefined);
  });
}
