import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from '../range.ts';
import { FutureRevisionError, type Store } from '../store.ts';
import { firstEvent, keys, put, text } from './access.ts';

/** Ranges, limits, old revisions. */
export function describeLists(open: () => Promise<Store>): void {
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
