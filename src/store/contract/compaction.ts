import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from '../range.ts';
import { CompactedError, FutureRevisionError, type Store } from '../store.ts';
import { bytes, changesUntil, firstEvent, get, keys, put, shown, text } from './access.ts';

/** What is forgotten and what stays. */
export function describeCompaction(open: () => Promise<Store>): void {
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
