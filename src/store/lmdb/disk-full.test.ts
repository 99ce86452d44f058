import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { prefixRange } from '../range.ts';
import { StoreFailedError, StoreFullError, type Store } from '../store.ts';
import { openLmdbStore } from './lmdb-store.ts';
import { smallDisk } from './small-disk.ts';

/** Writes until something is refused; answers the keys that were acknowledged, and the refusals. */
async function fill(store: Store, name: string): Promise<{ keys: string[]; refusals: Error[] }> {
  const keys: string[] = [];
  const refusals: Error[] = [];
  for (let round = 0; refusals.length === 0; round++) {
    const batch = Array.from({ length: 20 }, (_, i) => `/${name}-${round}-${i}`);
    const outcomes = await Promise.allSettled(batch.map((key) => store.txn(key, 'any', { put: new Uint8Array(5000) })));
    for (const [i, outcome] of outcomes.entries())
      if (outcome.status === 'fulfilled') keys.push(batch[i]!);
      else refusals.push(outcome.reason as Error);
  }
  return { keys, refusals };
}

async function keysOf(store: Store): Promise<string[]> {
  return (await store.range(prefixRange('/'))).entries.map(({ key }) => key);
}

test('on a full disk reads and deletes go on, what is deleted makes room, and with space everything is as before', async (context) => {
  using disk = smallDisk(context, 8);
  if (disk === undefined) return;
  const clock = new VirtualClock();
  const told: string[] = [];
  const path = join(disk.path, 'store');
  const options = {
    path,
    clock,
    reserveBytes: 1 << 20,
    onFailure: () => told.push('failed'),
    onRecovery: () => told.push('recovered'),
  };
  const acknowledged = new Set<string>();
  {
    await using store = await openLmdbStore(options);
    const stop = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of store.watch('/', { after: 0, signal: stop.signal }))
        if (event.type === 'changes') for (const { type, key } of event.changes) seen.push(`${type} ${key}`);
    })();
    const deleted: string[] = [];
    const settled = async (): Promise<void> => {
      while (store.problem() !== undefined && !(store.problem() ?? '').includes('nothing but deletes'))
        await clock.advance(1000);
    };

    const first = await fill(store, 'first');
    first.keys.forEach((key) => acknowledged.add(key));
    assert.ok(first.refusals.every((error) => error instanceof StoreFailedError));
    assert.match(store.problem()!, /^The store takes no more writes, because one failed: /);
    assert.deepEqual(new Set(await keysOf(store)), acknowledged, 'reads go on while nothing can be written');

    await settled();
    assert.deepEqual(told, ['failed', 'recovered']);
    const second = await fill(store, 'second');
    second.keys.forEach((key) => acknowledged.add(key));
    await settled();
    assert.match(store.problem()!, /nothing but deletes/);
    await assert.rejects(store.txn('/more', 'any', { put: new Uint8Array(128 << 10) }), StoreFullError);

    for (const key of [...acknowledged].slice(0, 400)) {
      assert.ok((await store.txn(key, 'any', { delete: true })).committed, `${key} can be deleted`);
      acknowledged.delete(key);
      deleted.push(key);
    }
    await store.compact((await store.read('/')).revision);
    assert.equal(store.problem(), undefined, 'what was deleted made room');
    assert.ok((await store.txn('/after', 'any', { put: new Uint8Array(5000) })).committed);
    acknowledged.add('/after');
    assert.deepEqual(new Set(await keysOf(store)), acknowledged);

    const third = await fill(store, 'third');
    third.keys.forEach((key) => acknowledged.add(key));
    disk.grow(32);
    await settled();
    assert.equal(store.problem(), undefined);
    assert.ok((await store.txn('/grown', 'any', { put: new Uint8Array(2 << 20) })).committed);
    acknowledged.add('/grown');

    while (seen.at(-1) !== 'put /grown') await clock.settle();
    stop.abort();
    await watching;
    assert.equal(seen.length, acknowledged.size + 2 * deleted.length, 'a watcher saw each write once');
    assert.equal(new Set(seen).size, seen.length);
  }
  await using store = await openLmdbStore(options);
  assert.deepEqual(new Set(await keysOf(store)), acknowledged);
});
