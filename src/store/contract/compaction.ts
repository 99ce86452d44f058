import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from '../range.ts';
import { CompactedError, FutureRevisionError, type Store } from '../store.ts';
import {
  changesUntil,
  firstEvent,
  get,
  keys,
  put,
  putNow,
  removeNow,
  revisionOf,
  shown,
  told,
} from '../contract-access.ts';

/** What is forgotten and what stays. */
export function describeCompaction(open: () => Promise<Store>): void {
  test('compaction forgets what was before a revision, and keeps that revision and all after it', async () => {
    await using store = await open();
    await putNow(store, '/a', '1');
    const second = await putNow(store, '/b', '2');
    assert.ok((await store.oldest()) < second);
    const third = await putNow(store, '/a', '3');
    const fourth = await removeNow(store, '/b');
    const fifth = await putNow(store, '/c', '5');
    await store.compact(third);
    assert.equal(await store.oldest(), third);
    assert.deepEqual(await keys(store, '/', third), ['/a', '/b']);
    assert.deepEqual(await keys(store, '/', fourth), ['/a']);
    assert.equal((await store.read('/b', { at: third })).entry?.modified, second);
    const isCompacted = (error: unknown) =>
      error instanceof CompactedError &&
      error.requested === second &&
      (error.oldest === undefined || error.oldest === third);
    await assert.rejects(store.range(prefixRange('/'), { at: second }), isCompacted);
    await assert.rejects(store.read('/a', { at: second }), isCompacted);
    await assert.rejects(
      firstEvent(store, '/', second),
      (error) => isCompacted(error) && (error as CompactedError).oldest === third,
      'a watch always tells where history begins',
    );
    const changes = await changesUntil(store, '/', third, fifth);
    assert.deepEqual(changes.map(told), [`delete /b@${fourth}`, `put /c=5@${fifth}-${fifth}`]);
  });

  test('compaction up to now keeps every live entry, and writes go on from there', async () => {
    await using store = await open();
    const created = await putNow(store, '/a', '1');
    const modified = await putNow(store, '/a', '2');
    const before = await putNow(store, '/b', '3');
    const last = await removeNow(store, '/b');
    await store.compact(last);
    await store.compact(modified);
    assert.equal(await store.oldest(), last);
    await assert.rejects(firstEvent(store, '/', before), CompactedError, 'what is gone stays gone');
    assert.deepEqual(shown(await get(store, '/a')), { key: '/a', value: '2', created, modified });
    const next = await put(store, '/b', '4', 'absent');
    assert.ok(next.committed && next.revision > last);
    const changes = await changesUntil(store, '/', last, next.revision);
    assert.deepEqual(changes.map(told), [`put /b=4@${next.revision}-${next.revision}`]);
  });

  test('compaction cannot go beyond what has happened', async () => {
    await using store = await open();
    const revision = await putNow(store, '/a', '1');
    await assert.rejects(store.compact(revision + 1), FutureRevisionError);
    assert.deepEqual(await keys(store, '/', revision), ['/a']);
    assert.equal(await revisionOf(store), revision);
  });

  test('a watcher that is abreast does not notice compaction', async () => {
    await using store = await open();
    const start = await revisionOf(store);
    const stop = new AbortController();
    const events = store.watch('/', { after: start, signal: stop.signal })[Symbol.asyncIterator]();
    const first = events.next();
    const revision = await putNow(store, '/a', '1');
    assert.equal((await first).value?.revision, revision);
    const second = events.next();
    const compacted = await putNow(store, '/a', '2');
    await store.compact(compacted);
    const third = await putNow(store, '/a', '3');
    assert.equal((await second).value?.revision, compacted);
    assert.equal((await events.next()).value?.revision, third);
    stop.abort();
  });
}
