import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from '../range.ts';
import { FutureRevisionError, type Revision, type Store } from '../store.ts';
import { firstEvent, keys, putNow, removeNow, revisionOf, shown, text } from '../contract-access.ts';

/** Ranges, limits, old revisions. */
export function describeRanges(open: () => Promise<Store>): void {
  test('a range holds the keys in order, its end not included', async () => {
    await using store = await open();
    for (const key of ['/b/2', '/a/1', '/b/10', '/b', '/b/1', '/c/1', '/b0']) await putNow(store, key, key);
    assert.deepEqual(await keys(store, '/b/'), ['/b/1', '/b/10', '/b/2']);
    const page = await store.range({ start: '/b', end: '/b/2' });
    assert.deepEqual(
      page.entries.map((entry) => entry.key),
      ['/b', '/b/1', '/b/10'],
    );
    assert.deepEqual([page.revision, page.remaining], [await revisionOf(store), 0]);
    assert.deepEqual((await store.range({ start: '/x', end: '/a' })).entries, []);
    assert.deepEqual((await store.range(prefixRange('/nobody/'))).entries, []);
  });

  test('a limit cuts the range and tells how much follows', async () => {
    await using store = await open();
    let before: Revision = 0;
    for (let i = 0; i < 10; i++) {
      if (i === 9) before = await revisionOf(store);
      await putNow(store, `/a/${i}`, '');
    }
    const now = await putNow(store, '/b/0', '');
    const range = prefixRange('/a/');
    const pages = [
      await store.range(range, { limit: 3 }),
      await store.range(range, { limit: 10 }),
      await store.range(range, { limit: 0 }),
      await store.range({ start: '/a/3\0', end: range.end }, { limit: 4, at: before }),
    ];
    assert.deepEqual(
      pages.map((page) => [page.entries.length, page.remaining, page.revision]),
      [
        [3, 7, now],
        [10, 0, now],
        [10, 0, now],
        [4, 1, before],
      ],
    );
  });

  test('an older revision shows what was then: values, deleted keys, keys that came again', async () => {
    await using store = await open();
    const r0 = await revisionOf(store);
    const r1 = await putNow(store, '/a', '1');
    const r2 = await putNow(store, '/b', '2');
    const r3 = await putNow(store, '/a', '3');
    const r4 = await removeNow(store, '/b');
    const r5 = await putNow(store, '/c', '5');
    const r6 = await putNow(store, '/b', '6');
    const states: string[] = [];
    for (const at of [r0, r1, r2, r3, r4, r5, r6]) {
      const page = await store.range(prefixRange('/'), { at });
      assert.equal(page.revision, at);
      states.push(
        page.entries.map((entry) => `${entry.key}=${text(entry.value)}@${entry.created}-${entry.modified}`).join(' '),
      );
      for (const key of ['/a', '/b', '/c', '/d']) {
        const { entry, revision } = await store.read(key, { at });
        assert.equal(revision, at);
        assert.deepEqual(shown(entry), shown(page.entries.find((one) => one.key === key)));
      }
    }
    assert.deepEqual(states, [
      '',
      `/a=1@${r1}-${r1}`,
      `/a=1@${r1}-${r1} /b=2@${r2}-${r2}`,
      `/a=3@${r1}-${r3} /b=2@${r2}-${r2}`,
      `/a=3@${r1}-${r3}`,
      `/a=3@${r1}-${r3} /c=5@${r5}-${r5}`,
      `/a=3@${r1}-${r3} /b=6@${r6}-${r6} /c=5@${r5}-${r5}`,
    ]);
  });

  test('a revision that has not happened cannot be read or watched from', async () => {
    await using store = await open();
    const newest = await putNow(store, '/a', '1');
    const isFuture = (error: unknown) =>
      error instanceof FutureRevisionError && error.requested === newest + 1 && error.newest === newest;
    await assert.rejects(store.range(prefixRange('/'), { at: newest + 1 }), isFuture);
    await assert.rejects(store.read('/a', { at: newest + 1 }), isFuture);
    await assert.rejects(firstEvent(store, '/', newest + 1), FutureRevisionError);
  });
}
