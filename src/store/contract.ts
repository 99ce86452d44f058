import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { describeStoreModel } from './contract-model.ts';
import { keyRange, prefixRange } from './range.ts';
import {
  CompactedError,
  FutureRevisionError,
  StoreClosedError,
  type Change,
  type Entry,
  type Expected,
  type Revision,
  type Store,
  type StoreEvent,
} from './store.ts';

/** Makes an empty store that reads time from `clock`. The suite disposes it. */
export type OpenStore = (clock: VirtualClock) => Promise<Store>;

/** The rules every {@link Store} keeps, run against each implementation. */
export function describeStoreContract(name: string, open: OpenStore): void {
  describe(`${name} keeps the store contract`, () => {
    const openNow = (): Promise<Store> => open(new VirtualClock());
    describeWrites(openNow);
    describeLists(openNow);
    describeWatches(openNow);
    describeCompaction(openNow);
    describeExpiry(open);
    describeStoreModel(openNow);
  });
}

function describeWrites(open: () => Promise<Store>): void {
  test('revisions begin at 0 and grow by one with every write, to one key or another', async () => {
    await using store = await open();
    assert.equal(store.revision(), 0);
    assert.equal(store.oldest(), 0);
    const results = [
      await put(store, '/a', '1'),
      await put(store, '/b', '1'),
      await put(store, '/a', '2'),
      await store.delete('/b'),
    ];
    assert.deepEqual(
      results.map((result) => result.revision),
      [1, 2, 3, 4],
    );
    assert.equal(store.revision(), 4);
  });

  test('a write answers what it replaced, and an entry knows when it came to be and when it changed', async () => {
    await using store = await open();
    const first = await put(store, '/a', '1');
    assert.deepEqual(first, { committed: true, revision: 1, previous: undefined });
    const second = await put(store, '/a', '2');
    assert.ok(second.committed);
    assert.deepEqual(shown(second.previous), { key: '/a', value: '1', created: 1, modified: 1 });
    assert.deepEqual(shown(await get(store, '/a')), { key: '/a', value: '2', created: 1, modified: 2 });
    const gone = await store.delete('/a');
    assert.ok(gone.committed);
    assert.deepEqual(shown(gone.previous), { key: '/a', value: '2', created: 1, modified: 2 });
    await put(store, '/a', '3');
    assert.deepEqual(shown(await get(store, '/a')), { key: '/a', value: '3', created: 4, modified: 4 });
  });

  const races: { name: string; before: string[]; expected: Expected; committed: boolean }[] = [
    { name: 'absent, and it never was', before: [], expected: 'absent', committed: true },
    { name: 'absent, and it was deleted', before: ['put', 'delete'], expected: 'absent', committed: true },
    { name: 'absent, and it is there', before: ['put'], expected: 'absent', committed: false },
    { name: 'a revision, and it has that one', before: ['put', 'put'], expected: 2, committed: true },
    { name: 'a revision, and it is newer', before: ['put', 'put'], expected: 1, committed: false },
    { name: 'a revision, and it never was', before: [], expected: 1, committed: false },
    { name: 'a revision, and that one deleted it', before: ['put', 'delete'], expected: 2, committed: false },
    { name: 'anything', before: ['put'], expected: undefined, committed: true },
  ];
  for (const { name, before, expected, committed } of races)
    test(`a put where the key is expected to be ${name}`, async () => {
      await using store = await open();
      for (const step of before) await (step === 'put' ? put(store, '/a', 'old') : store.delete('/a'));
      const there = await get(store, '/a');
      const result = await put(store, '/a', 'new', expected);
      assert.equal(result.committed, committed);
      assert.equal(result.revision, before.length + (committed ? 1 : 0));
      if (result.committed) assert.deepEqual(shown(result.previous), shown(there));
      else assert.deepEqual(shown(result.current), shown(there));
      assert.equal(text((await get(store, '/a'))?.value), committed ? 'new' : text(there?.value));
    });

  test('a delete happens only where the key is as expected, and to an absent key never', async () => {
    await using store = await open();
    await put(store, '/a', '1');
    await put(store, '/a', '2');
    const late = await store.delete('/a', { expected: 1 });
    assert.ok(!late.committed);
    assert.equal(late.current?.modified, 2);
    assert.ok(!(await store.delete('/a', { expected: 'absent' })).committed);
    assert.ok((await store.delete('/a', { expected: 2 })).committed);
    assert.deepEqual(await store.delete('/a'), { committed: false, revision: 3, current: undefined });
    assert.deepEqual(await store.delete('/a', { expected: 'absent' }), {
      committed: false,
      revision: 3,
      current: undefined,
    });
    assert.equal(await get(store, '/a'), undefined);
  });

  test('of many writers expecting the same revision, one wins and the others learn what won', async () => {
    await using store = await open();
    const first = await put(store, '/a', 'first');
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => put(store, '/a', `${i}`, first.revision)));
    const winner = results.findIndex((result) => result.committed);
    assert.equal(results.filter((result) => result.committed).length, 1);
    for (const result of results)
      if (!result.committed)
        assert.deepEqual([text(result.current?.value), result.current?.modified], [`${winner}`, 2]);
  });

  test('of creators and deleters of one key, each sees the work of those before it', async () => {
    await using store = await open();
    const results = await Promise.all([
      put(store, '/a', '1', 'absent'),
      store.delete('/a'),
      store.delete('/a'),
      put(store, '/a', '2', 'absent'),
      put(store, '/a', '3', 'absent'),
    ]);
    assert.deepEqual(
      results.map((result) => result.committed),
      [true, true, false, true, false],
    );
    assert.equal(text((await get(store, '/a'))?.value), '2');
  });

  test('a write is seen by every read after it was acknowledged', async () => {
    await using store = await open();
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const result = await put(store, `/k${i % 10}`, `${i}`);
        assert.ok(store.revision() >= result.revision);
        const entry = await get(store, `/k${i % 10}`);
        assert.ok(entry !== undefined && entry.modified >= result.revision);
      }),
    );
  });

  test('values of any bytes and sizes come back as they were', async () => {
    await using store = await open();
    const values = [0, 1, 1000, 5000, 70_000, 1_500_000].map((length) =>
      Uint8Array.from({ length }, (_, i) => (i * 7 + length) % 256),
    );
    await Promise.all(values.map((value, i) => store.put(`/v${i}`, value)));
    for (const [i, value] of values.entries()) {
      const got = (await get(store, `/v${i}`))?.value;
      assert.ok(got !== undefined && Buffer.compare(got, value) === 0, `value of ${value.length} bytes`);
    }
  });

  test('the cause of a write is kept with its revision and shown to watchers', async () => {
    await using store = await open();
    const cause = { user: 'jane', object: 'Deployment a/b', revision: 7 };
    await store.put('/a', bytes('1'), { cause });
    await store.put('/a', bytes('2'));
    await store.delete('/a', { cause: { user: 'joe' } });
    const causes = [await store.causeOf(1), await store.causeOf(2), await store.causeOf(3), await store.causeOf(4)];
    assert.deepEqual(causes, [cause, undefined, { user: 'joe' }, undefined]);
    const changes = await changesUntil(store, '/', 0, 3);
    assert.deepEqual(
      changes.map((change) => change.cause),
      [cause, undefined, { user: 'joe' }],
    );
  });

  test('a closed store refuses everything, and closing twice is closing once', async () => {
    const store = await open();
    await put(store, '/a', '1');
    const last = put(store, '/a', '2');
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    assert.ok((await last).committed, 'a write before the end is done');
    await assert.rejects(put(store, '/a', '3'), StoreClosedError);
    await assert.rejects(store.delete('/a'), StoreClosedError);
    await assert.rejects(store.list(prefixRange('/')), StoreClosedError);
    await assert.rejects(store.compact(1), StoreClosedError);
  });
}

function describeLists(open: () => Promise<Store>): void {
  test('a list holds the keys of its range in order, its end not included', async () => {
    await using store = await open();
    for (const key of ['/b/2', '/a/1', '/b/10', '/b', '/b/1', '/c/1', '/b0']) await put(store, key, key);
    assert.deepEqual(await keys(store, '/b/'), ['/b/1', '/b/10', '/b/2']);
    const page = await store.list({ start: '/b', end: '/b/2' });
    assert.deepEqual(
      page.entries.map((entry) => entry.key),
      ['/b', '/b/1', '/b/10'],
    );
    assert.deepEqual([page.revision, page.remaining], [7, 0]);
    assert.deepEqual((await store.list({ start: '/x', end: '/a' })).entries, []);
    assert.deepEqual((await store.list(prefixRange('/nobody/'))).entries, []);
  });

  test('a limit cuts the list and tells how much follows', async () => {
    await using store = await open();
    for (let i = 0; i < 10; i++) await put(store, `/a/${i}`, '');
    await put(store, '/b/0', '');
    const range = prefixRange('/a/');
    const pages = [
      await store.list(range, { limit: 3 }),
      await store.list(range, { limit: 10 }),
      await store.list(range, { limit: 0 }),
      await store.list({ start: '/a/3\0', end: range.end }, { limit: 4, at: 9 }),
    ];
    assert.deepEqual(
      pages.map((page) => [page.entries.length, page.remaining, page.revision]),
      [
        [3, 7, 11],
        [10, 0, 11],
        [10, 0, 11],
        [4, 1, 9],
      ],
    );
  });

  test('a list at an older revision shows what was then: values, deleted keys, keys that came again', async () => {
    await using store = await open();
    await put(store, '/a', '1');
    await put(store, '/b', '2');
    await put(store, '/a', '3');
    await store.delete('/b');
    await put(store, '/c', '5');
    await put(store, '/b', '6');
    const states: string[] = [];
    for (let at = 0; at <= 6; at++) {
      const page = await store.list(prefixRange('/'), { at });
      assert.equal(page.revision, at);
      states.push(
        page.entries.map((entry) => `${entry.key}=${text(entry.value)}@${entry.created}-${entry.modified}`).join(' '),
      );
    }
    assert.deepEqual(states, [
      '',
      '/a=1@1-1',
      '/a=1@1-1 /b=2@2-2',
      '/a=3@1-3 /b=2@2-2',
      '/a=3@1-3',
      '/a=3@1-3 /c=5@5-5',
      '/a=3@1-3 /b=6@6-6 /c=5@5-5',
    ]);
  });

  test('a revision that has not happened cannot be read or watched from', async () => {
    await using store = await open();
    await put(store, '/a', '1');
    await assert.rejects(
      store.list(prefixRange('/'), { at: 2 }),
      (error) => error instanceof FutureRevisionError && error.requested === 2 && error.newest === 1,
    );
    await assert.rejects(firstEvent(store, '/', 2), FutureRevisionError);
  });
}

function describeWatches(open: () => Promise<Store>): void {
  test('a watch replays from its revision, in order, then follows', async () => {
    await using store = await open();
    const { revision } = await put(store, '/a/x', '1');
    await put(store, '/a/x', '2');
    await put(store, '/b/x', 'other');
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const event of store.watch('/a/', { after: revision, signal: stop.signal })) {
      if (event.type === 'progress') continue;
      for (const { type, entry, previous } of event.changes)
        seen.push(
          `${type} ${entry.key}=${text(entry.value)}@${entry.created}-${entry.modified} was ${text(previous?.value)}`,
        );
      if (seen.length === 1) await store.delete('/a/x');
      if (seen.length === 2) await put(store, '/a/x', '3', 'absent');
      if (seen.length === 3) stop.abort();
    }
    assert.deepEqual(seen, ['put /a/x=2@1-2 was 1', 'delete /a/x=2@1-4 was 2', 'put /a/x=3@5-5 was undefined']);
  });

  test('a watcher of a quiet prefix learns how far nothing happened', async () => {
    await using store = await open();
    await put(store, '/a/x', '1');
    const stop = new AbortController();
    const events = store.watch('/b/', { after: 0, signal: stop.signal })[Symbol.asyncIterator]();
    assert.deepEqual(await events.next(), { done: false, value: { type: 'progress', revision: 1 } });
    const next = events.next();
    await put(store, '/a/x', '2');
    assert.deepEqual(await next, { done: false, value: { type: 'progress', revision: 2 } });
    stop.abort();
    assert.equal((await events.next()).done, true);
  });

  test('a watch from the newest revision waits until something happens', async () => {
    await using store = await open();
    await put(store, '/a', '1');
    const stop = new AbortController();
    const events = store.watch('/', { after: 1, signal: stop.signal })[Symbol.asyncIterator]();
    const next = events.next();
    await put(store, '/a', '2');
    const event = await next;
    assert.deepEqual(event.value?.revision, 2);
    stop.abort();
  });

  test('an abort ends the watch without an error, while it waits, before it began and between events', async () => {
    await using store = await open();
    const stop = new AbortController();
    const waiting = store.watch('/', { after: 0, signal: stop.signal })[Symbol.asyncIterator]().next();
    const busy = store.watch('/', { after: 0, signal: stop.signal })[Symbol.asyncIterator]();
    stop.abort(new Error('not an error for the watcher'));
    assert.deepEqual(await waiting, { done: true, value: undefined });
    await put(store, '/a', '1');
    assert.deepEqual(await busy.next(), { done: true, value: undefined });
    for await (const _ of store.watch('/', { after: 0, signal: stop.signal })) assert.fail('an event after the end');
  });

  test('a watcher that leaves its loop takes nothing with it', async () => {
    await using store = await open();
    await put(store, '/a', '1');
    for await (const _ of store.watch('/', { after: 0, signal: new AbortController().signal })) break;
    await put(store, '/a', '2');
    assert.deepEqual(
      (await changesUntil(store, '/', 0, 2)).map((change) => change.entry.modified),
      [1, 2],
    );
  });

  test('watchers of one prefix share the same events', async () => {
    await using store = await open();
    const stop = new AbortController();
    const watchers = Array.from({ length: 3 }, () =>
      store.watch('/', { after: 0, signal: stop.signal })[Symbol.asyncIterator](),
    );
    const next = watchers.map((watcher) => watcher.next());
    await put(store, '/a', '1');
    const [first, ...others] = (await Promise.all(next)).map((result) => result.value as StoreEvent);
    for (const other of others) assert.equal(other, first);
    stop.abort();
  });

  test('a watcher that is slower than ten thousand writes still gets each of them once', async () => {
    await using store = await open();
    const stop = new AbortController();
    const events = store.watch('/', { after: 0, signal: stop.signal })[Symbol.asyncIterator]();
    const seen: Revision[] = [];
    const take = async (): Promise<void> => {
      const { value } = await events.next();
      if (value?.type === 'changes') seen.push(...value.changes.map((change: Change) => change.entry.modified));
    };
    const first = take();
    for (let i = 0; i < 100; i++)
      await Promise.all(Array.from({ length: 100 }, (_, j) => put(store, `/${(i * j) % 97}`, 'x')));
    await first;
    while (seen.length < 10_000) await take();
    assert.deepEqual(
      seen,
      Array.from({ length: 10_000 }, (_, i) => i + 1),
    );
    stop.abort();
  });

  test('closing the store ends every watch with an error that says so', async () => {
    const store = await open();
    await put(store, '/a', '1');
    const { signal } = new AbortController();
    const waiting = assert.rejects(firstEvent(store, '/', 1), StoreClosedError);
    const later = store.watch('/', { after: 1, signal })[Symbol.asyncIterator]();
    await Promise.resolve();
    await store[Symbol.asyncDispose]();
    await waiting;
    await assert.rejects(Promise.resolve(later.next()), StoreClosedError);
    await assert.rejects(firstEvent(store, '/', 1), StoreClosedError);
  });
}

function describeCompaction(open: () => Promise<Store>): void {
  test('compaction forgets what was before a revision, and keeps that revision and all after it', async () => {
    await using store = await open();
    await put(store, '/a', '1');
    await put(store, '/b', '2');
    await put(store, '/a', '3');
    await store.delete('/b');
    await put(store, '/c', '5');
    await store.compact(3);
    assert.equal(store.oldest(), 3);
    assert.deepEqual(await keys(store, '/', 3), ['/a', '/b']);
    assert.deepEqual(await keys(store, '/', 4), ['/a']);
    await assert.rejects(
      store.list(prefixRange('/'), { at: 2 }),
      (error) => error instanceof CompactedError && error.requested === 2 && error.oldest === 3,
    );
    await assert.rejects(firstEvent(store, '/', 2), CompactedError);
    const changes = await changesUntil(store, '/', 3, 5);
    assert.deepEqual(
      changes.map(
        ({ type, entry, previous }) => `${type} ${entry.key}=${text(entry.value)} was ${text(previous?.value)}`,
      ),
      ['delete /b=2 was 2', 'put /c=5 was undefined'],
    );
  });

  test('compaction up to now keeps every live entry with its cause, and writes go on from there', async () => {
    await using store = await open();
    await store.put('/a', bytes('1'), { cause: { user: 'jane' } });
    await store.put('/a', bytes('2'), { cause: { user: 'joe' } });
    await put(store, '/b', '3');
    await store.delete('/b');
    await store.compact(4);
    await store.compact(2);
    assert.equal(store.oldest(), 4);
    assert.deepEqual(shown(await get(store, '/a')), { key: '/a', value: '2', created: 1, modified: 2 });
    assert.deepEqual([await store.causeOf(1), await store.causeOf(2)], [undefined, { user: 'joe' }]);
    const next = await put(store, '/b', '4', 'absent');
    assert.deepEqual([next.committed, next.revision], [true, 5]);
    assert.deepEqual(
      (await changesUntil(store, '/', 4, 5)).map(({ entry }) => entry.created),
      [5],
    );
  });

  test('compaction cannot go beyond what has happened', async () => {
    await using store = await open();
    await put(store, '/a', '1');
    await assert.rejects(store.compact(2), FutureRevisionError);
    assert.equal(store.oldest(), 0);
  });

  test('a watcher that is abreast does not notice compaction', async () => {
    await using store = await open();
    const stop = new AbortController();
    const events = store.watch('/', { after: 0, signal: stop.signal })[Symbol.asyncIterator]();
    const first = events.next();
    await put(store, '/a', '1');
    assert.equal((await first).value?.revision, 1);
    const second = events.next();
    await put(store, '/a', '2');
    await store.compact(2);
    await put(store, '/a', '3');
    assert.equal((await second).value?.revision, 2);
    assert.equal((await events.next()).value?.revision, 3);
    stop.abort();
  });
}

function describeExpiry(open: OpenStore): void {
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

/** All changes under the prefix after `after`, up to and with the revision `until`, in order. */
async function changesUntil(store: Store, prefix: string, after: Revision, until: Revision): Promise<Change[]> {
  const stop = new AbortController();
  const changes: Change[] = [];
  for await (const event of store.watch(prefix, { after, signal: stop.signal })) {
    if (event.type === 'changes') changes.push(...event.changes);
    if (event.revision >= until) stop.abort();
  }
  return changes.filter((change) => change.entry.modified <= until);
}

async function firstEvent(store: Store, prefix: string, after: Revision): Promise<StoreEvent | undefined> {
  for await (const event of store.watch(prefix, { after, signal: new AbortController().signal })) return event;
  return undefined;
}

async function keys(store: Store, prefix: string, at?: Revision): Promise<string[]> {
  const { entries } = await store.list(prefixRange(prefix), at === undefined ? {} : { at });
  return entries.map((entry) => entry.key);
}

async function get(store: Store, key: string): Promise<Entry | undefined> {
  return (await store.list(keyRange(key))).entries[0];
}

function put(store: Store, key: string, value: string, expected?: Expected): ReturnType<Store['put']> {
  return store.put(key, bytes(value), { expected });
}

function shown(entry: Entry | undefined): object | undefined {
  return entry && { key: entry.key, value: text(entry.value), created: entry.created, modified: entry.modified };
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(value: Uint8Array | undefined): string | undefined {
  return value && new TextDecoder().decode(value);
}
