import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from '../range.ts';
import { StoreClosedError, type Expected, type Store } from '../store.ts';
import { bytes, changesUntil, get, put, shown, text } from './access.ts';

/** Revisions, expectations, races, causes. */
export function describeWrites(open: () => Promise<Store>): void {
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
