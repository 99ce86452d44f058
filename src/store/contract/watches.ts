import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreClosedError, type Change, type Revision, type Store, type StoreEvent } from '../store.ts';
import { changesUntil, firstEvent, put, putNow, removeNow, revisionOf, told } from '../contract-access.ts';

/** Replay, following, progress, ends. */
export function describeWatches(open: () => Promise<Store>): void {
  test('a watch replays from its revision, in order, then follows', async () => {
    await using store = await open();
    const first = await putNow(store, '/a/x', '1');
    const second = await putNow(store, '/a/x', '2');
    await putNow(store, '/b/x', 'other');
    const stop = new AbortController();
    const seen: string[] = [];
    const revisions: Revision[] = [];
    for await (const event of store.watch('/a/', { after: first, signal: stop.signal })) {
      if (event.type === 'progress') continue;
      seen.push(...event.changes.map(told));
      if (seen.length === 1) revisions.push(await removeNow(store, '/a/x'));
      if (seen.length === 2) revisions.push(await putNow(store, '/a/x', '3'));
      if (seen.length === 3) stop.abort();
    }
    assert.deepEqual(seen, [
      `put /a/x=2@${first}-${second}`,
      `delete /a/x@${revisions[0]}`,
      `put /a/x=3@${revisions[1]}-${revisions[1]}`,
    ]);
  });

  test('a watcher of a quiet prefix learns how far nothing happened', async () => {
    await using store = await open();
    const start = await revisionOf(store);
    const first = await putNow(store, '/a/x', '1');
    const stop = new AbortController();
    const events = store.watch('/b/', { after: start, signal: stop.signal })[Symbol.asyncIterator]();
    assert.deepEqual(await events.next(), { done: false, value: { type: 'progress', revision: first } });
    const next = events.next();
    const second = await putNow(store, '/a/x', '2');
    assert.deepEqual(await next, { done: false, value: { type: 'progress', revision: second } });
    stop.abort();
    assert.equal((await events.next()).done, true);
  });

  test('a watch from the newest revision waits until something happens', async () => {
    await using store = await open();
    const first = await putNow(store, '/a', '1');
    const stop = new AbortController();
    const events = store.watch('/', { after: first, signal: stop.signal })[Symbol.asyncIterator]();
    const next = events.next();
    const second = await putNow(store, '/a', '2');
    const event = await next;
    assert.deepEqual(event.value?.revision, second);
    stop.abort();
  });

  test('an abort ends the watch without an error, while it waits, before it began and between events', async () => {
    await using store = await open();
    const stop = new AbortController();
    const after = await revisionOf(store);
    const waiting = store.watch('/', { after, signal: stop.signal })[Symbol.asyncIterator]().next();
    const busy = store.watch('/', { after, signal: stop.signal })[Symbol.asyncIterator]();
    stop.abort(new Error('not an error for the watcher'));
    assert.deepEqual(await waiting, { done: true, value: undefined });
    await put(store, '/a', '1');
    assert.deepEqual(await busy.next(), { done: true, value: undefined });
    for await (const _ of store.watch('/', { after, signal: stop.signal })) assert.fail('an event after the end');
  });

  test('a watcher that leaves its loop takes nothing with it', async () => {
    await using store = await open();
    const start = await revisionOf(store);
    const first = await putNow(store, '/a', '1');
    for await (const _ of store.watch('/', { after: start, signal: new AbortController().signal })) break;
    const second = await putNow(store, '/a', '2');
    assert.deepEqual(
      (await changesUntil(store, '/', start, second)).map((change) => change.modified),
      [first, second],
    );
  });

  test('watchers of one prefix share the same events', async () => {
    await using store = await open();
    const after = await revisionOf(store);
    const stop = new AbortController();
    const watchers = Array.from({ length: 3 }, () =>
      store.watch('/', { after, signal: stop.signal })[Symbol.asyncIterator](),
    );
    const next = watchers.map((watcher) => watcher.next());
    await put(store, '/a', '1');
    const [first, ...others] = (await Promise.all(next)).map((result) => result.value as StoreEvent);
    for (const other of others) assert.equal(other, first);
    stop.abort();
  });

  test('a watcher that is slower than ten thousand writes still gets each of them once', async () => {
    await using store = await open();
    const after = await revisionOf(store);
    const stop = new AbortController();
    const events = store.watch('/', { after, signal: stop.signal })[Symbol.asyncIterator]();
    const seen: Revision[] = [];
    const take = async (): Promise<void> => {
      const { value } = await events.next();
      if (value?.type === 'changes') seen.push(...value.changes.map((change: Change) => change.modified));
    };
    const first = take();
    const written: Revision[] = [];
    for (let i = 0; i < 100; i++)
      written.push(
        ...(await Promise.all(Array.from({ length: 100 }, (_, j) => putNow(store, `/${(i * j) % 97}`, 'x')))),
      );
    await first;
    while (seen.length < 10_000) await take();
    assert.deepEqual(
      seen,
      written.sort((a, b) => a - b),
    );
    stop.abort();
  });

  test('closing the store ends every watch with an error that says so', async () => {
    const store = await open();
    const after = await putNow(store, '/a', '1');
    const { signal } = new AbortController();
    const waiting = assert.rejects(firstEvent(store, '/', after), StoreClosedError);
    const later = store.watch('/', { after, signal })[Symbol.asyncIterator]();
    await Promise.resolve();
    await store[Symbol.asyncDispose]();
    await waiting;
    await assert.rejects(Promise.resolve(later.next()), StoreClosedError);
    await assert.rejects(firstEvent(store, '/', after), StoreClosedError);
  });
}
