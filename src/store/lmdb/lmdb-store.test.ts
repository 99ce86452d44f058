import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { open } from 'lmdb';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { describeStoreContract } from '../contract.ts';
import { changesUntil, nextChanges, put, putNow, removeNow, revisionOf, text, told } from '../contract-access.ts';
import { prefixRange } from '../range.ts';
import type { Revision, Store } from '../store.ts';
import { StoreOpenError } from './database.ts';
import { openLmdbStore, type LmdbStoreOptions } from './lmdb-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

function openIn(folder: string, options: Partial<LmdbStoreOptions> = {}): Promise<Store> {
  return openLmdbStore({ path: join(folder, 'store.lmdb'), clock: new VirtualClock(), reserveBytes: 0, ...options });
}

/** A store whose folder goes with it. */
async function openTemporary(options: Partial<LmdbStoreOptions>): Promise<Store> {
  const folder = temporaryFolder();
  const store = await openIn(folder.path, options);
  const dispose = store[Symbol.asyncDispose].bind(store);
  store[Symbol.asyncDispose] = async () => {
    await dispose();
    folder[Symbol.dispose]();
  };
  return store;
}

describeStoreContract('the LMDB store', (clock) => openTemporary({ clock }));
describeStoreContract('the LMDB store that reads all values from the file', (clock) =>
  openTemporary({ clock, cacheBytes: 0 }),
);

describe('the LMDB store opened again', () => {
  test('has the entries, the history and the revision, and goes on from there', async () => {
    using folder = temporaryFolder();
    {
      await using store = await openIn(folder.path);
      await putNow(store, '/a', '1');
      await putNow(store, '/a', '2');
      await putNow(store, '/empty', '');
      await removeNow(store, '/a');
    }
    await using store = await openIn(folder.path);
    assert.equal(await revisionOf(store), 4);
    assert.deepEqual(await state(store), { '/empty': '' });
    assert.deepEqual(await state(store, 2), { '/a': '2' });
    assert.deepEqual((await changesUntil(store, '/', 0, 4)).map(told), [
      'put /a=1@1-1',
      'put /a=2@1-2',
      'put /empty=@3-3',
      'delete /a@4',
    ]);
    const again = await put(store, '/a', '5', 'absent');
    assert.deepEqual([again.committed, again.revision], [true, 5]);
  });

  test('has forgotten what was compacted, even if the last write was a delete', async () => {
    using folder = temporaryFolder();
    {
      await using store = await openIn(folder.path);
      await putNow(store, '/kept', '1');
      await putNow(store, '/a', '2');
      await removeNow(store, '/a');
      await store.compact(3);
    }
    {
      await using store = await openIn(folder.path);
      assert.deepEqual([await revisionOf(store), await store.oldest()], [3, 3]);
      assert.deepEqual(await state(store), { '/kept': '1' });
      await putNow(store, '/kept', '4');
    }
    await using store = await openIn(folder.path);
    assert.deepEqual([await revisionOf(store), await store.oldest()], [4, 3]);
    assert.deepEqual((await changesUntil(store, '/', 3, 4)).map(told), ['put /kept=4@1-4']);
  });

  test('lets go what expired meanwhile, and later what expires later', async () => {
    using folder = temporaryFolder();
    {
      await using store = await openIn(folder.path, { clock: new VirtualClock(0) });
      const [soon, later] = [await store.grantLease(1000), await store.grantLease(3000)];
      await putNow(store, '/soon', '1', soon);
      await putNow(store, '/later', '2', later);
      await putNow(store, '/lifted', '3', soon);
      await putNow(store, '/lifted', '4');
    }
    const clock = new VirtualClock(2000);
    await using store = await openIn(folder.path, { clock });
    await clock.settle();
    await nextChanges(store, '/', 4, 1);
    assert.deepEqual(Object.keys(await state(store)), ['/later', '/lifted']);
    await clock.advance(1000);
    await nextChanges(store, '/', 5, 1);
    assert.deepEqual(Object.keys(await state(store)), ['/lifted']);
  });
});

describe('the LMDB store', () => {
  test('forgets history over its byte budget beside the writes, and leaves none of it in the file', async () => {
    using folder = temporaryFolder();
    const historyBytes = 50_000;
    {
      await using store = await openIn(folder.path, { historyBytes });
      await putNow(store, '/kept', '1');
      for (let i = 0; i < 40; i++)
        await Promise.all(Array.from({ length: 50 }, () => store.txn('/a', 'any', { put: new Uint8Array(400) })));
      const oldest = await store.oldest();
      assert.ok(oldest > 1700 && oldest < 2000, `oldest is ${oldest}`);
    }
    const environment = open({ path: join(folder.path, 'store.lmdb'), noSubdir: true, readOnly: true });
    const records = environment.openDB({ name: 'records', encoding: 'binary' }).getCount();
    const values = environment.openDB({ name: 'values', encoding: 'binary' }).getCount();
    await environment.close();
    assert.deepEqual([records === values, records < 300], [true, true], `${records} records, ${values} values`);
    await using store = await openIn(folder.path, { historyBytes });
    assert.equal(await revisionOf(store), 2001);
    assert.deepEqual(Object.keys(await state(store)), ['/a', '/kept']);
  });

  test('ranges over more values than it reads in one go as they were at the start, whatever is written and forgotten meanwhile', async () => {
    await using store = await openTemporary({ cacheBytes: 0 });
    await Promise.all(Array.from({ length: 1500 }, (_, i) => putNow(store, `/${i}`, 'old')));
    const listed = store.range(prefixRange('/'));
    await Promise.all(Array.from({ length: 1500 }, (_, i) => putNow(store, `/${i}`, 'new')));
    await store.compact(3000);
    assert.deepEqual(new Set((await listed).entries.map((entry) => text(entry.value))), new Set(['old']));
    assert.deepEqual(new Set(Object.values(await state(store))), new Set(['new']));
  });

  test('makes files that only their owner can read', async () => {
    using folder = temporaryFolder();
    await using _ = await openIn(folder.path, { reserveBytes: 1 << 20 });
    for (const name of ['store.lmdb', 'store.lmdb-lock', 'store.lmdb-owner', 'store.lmdb-reserve'])
      assert.equal(statSync(join(folder.path, name)).mode & 0o777, 0o600, name);
  });

  test('reads a file that grows through one map, as each of several would count as resident', async () => {
    using folder = temporaryFolder();
    await using store = await openIn(folder.path);
    for (let at = 0; at < 8; at++) await store.txn(`/large-${at}`, 'any', { put: new Uint8Array(1 << 20) });
    const file = join(folder.path, 'store.lmdb');
    assert.ok(statSync(file).size > 8 << 20);
    const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
    assert.equal(maps.filter((line) => line.endsWith(` ${file}`)).length, 1);
  });

  test('is not opened twice', async () => {
    using folder = temporaryFolder();
    const store = await openIn(folder.path);
    await assert.rejects(
      openIn(folder.path),
      new RegExp(`Cannot open the store ".*": process ${process.pid} has it open`),
    );
    await putNow(store, '/a', '1');
    await store[Symbol.asyncDispose]();
    await (await openIn(folder.path))[Symbol.asyncDispose]();
  });

  test('refuses a file of a newer format, and one that is no store', async () => {
    using folder = temporaryFolder();
    await (await openIn(folder.path))[Symbol.asyncDispose]();
    const environment = open({ path: join(folder.path, 'store.lmdb'), noSubdir: true });
    await environment.openDB({ name: 'facts', encoding: 'json' }).put('format', 2);
    await environment.close();
    await assert.rejects(
      openIn(folder.path),
      (error) => error instanceof StoreOpenError && /it has format 2/.test(error.message),
    );

    const path = join(folder.path, 'other');
    writeFileSync(path, 'this is no store\n'.repeat(1000));
    await assert.rejects(openLmdbStore({ path, clock: new VirtualClock() }), StoreOpenError);
  });

  for (const { name, spoil } of [
    { name: 'empty', spoil: (path: string) => truncateSync(path) },
    { name: 'missing', spoil: (path: string) => rmSync(path) },
    {
      name: 'empty',
      spoil(path: string) {
        truncateSync(path);
        rmSync(`${path}-owner`); // older programs made none
      },
    },
  ])
    test(`does not begin anew where the file of a cluster is ${name}`, async () => {
      using folder = temporaryFolder();
      const path = join(folder.path, 'store.lmdb');
      await (await openIn(folder.path))[Symbol.asyncDispose]();
      spoil(path);
      for (let i = 0; i < 2; i++)
        await assert.rejects(
          openIn(folder.path),
          (error) =>
            error instanceof StoreOpenError &&
            error.message.startsWith(
              `Cannot open the store "${path}": it is ${name}, but there was a cluster in it; put a copy of it there, or remove "${path}", `,
            ),
        );
      for (const end of ['', '-lock', '-owner']) rmSync(path + end, { force: true });
      await using store = await openIn(folder.path);
      assert.ok((await put(store, '/a', '1')).committed, 'who removes all of it gets a new one');
    });

  test('refuses a file with a hole in its history', async () => {
    using folder = temporaryFolder();
    {
      await using store = await openIn(folder.path);
      for (let i = 0; i < 3; i++) await putNow(store, '/a', `${i}`);
    }
    const environment = open({ path: join(folder.path, 'store.lmdb'), noSubdir: true });
    await environment.openDB({ name: 'records', encoding: 'binary' }).remove(2);
    await environment.close();
    await assert.rejects(openIn(folder.path), /it is damaged: revision 2 is missing/);
  });
});

async function state(store: Store, at?: Revision): Promise<Record<string, string>> {
  const { entries } = await store.range(prefixRange('/'), at === undefined ? {} : { at });
  return Object.fromEntries(entries.map((entry) => [entry.key, text(entry.value)!]));
}
