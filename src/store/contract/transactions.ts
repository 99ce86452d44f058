import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from '../range.ts';
import { StoreClosedError, type Expected, type Store } from '../store.ts';
import { get, put, putNow, remove, removeNow, revisionOf, shown, text } from '../contract-access.ts';

/** Revisions, expectations, races. */
export function describeTransactions(open: () => Promise<Store>): void {
  test('revisions grow with every write, to one key or another', async () => {
    await using store = await open();
    const revisions = [
      await revisionOf(store),
      await putNow(store, '/a', '1'),
      await putNow(store, '/b', '1'),
      await putNow(store, '/a', '2'),
      await removeNow(store, '/b'),
    ];
    for (let i = 1; i < revisions.length; i++) assert.ok(revisions[i]! > revisions[i - 1]!, `${revisions.join(', ')}`);
    assert.equal(await revisionOf(store), revisions.at(-1));
  });

  test('an entry knows when it came to be and when it changed', async () => {
    await using store = await open();
    const first = await putNow(store, '/a', '1');
    assert.deepEqual(shown(await get(store, '/a')), { key: '/a', value: '1', created: first, modified: first });
    const second = await putNow(store, '/a', '2');
    assert.deepEqual(shown(await get(store, '/a')), { key: '/a', value: '2', created: first, modified: second });
    await removeNow(store, '/a');
    assert.equal(await get(store, '/a'), undefined);
    const third = await putNow(store, '/a', '3');
    assert.deepEqual(shown(await get(store, '/a')), { key: '/a', value: '3', created: third, modified: third });
  });

  const never = 1_000_000_000;
  const races: { name: string; before: string[]; expected: 'absent' | 'any' | number; committed: boolean }[] = [
    { name: 'absent, and it never was', before: [], expected: 'absent', committed: true },
    { name: 'absent, and it was deleted', before: ['put', 'delete'], expected: 'absent', committed: true },
    { name: 'absent, and it is there', before: ['put'], expected: 'absent', committed: false },
    { name: 'a revision, and it has that one', before: ['put', 'put'], expected: 2, committed: true },
    { name: 'a revision, and it is newer', before: ['put', 'put'], expected: 1, committed: false },
    { name: 'a revision, and it never was', before: [], expected: never, committed: false },
    { name: 'a revision, and that one deleted it', before: ['put', 'delete'], expected: 2, committed: false },
    { name: 'anything', before: ['put'], expected: 'any', committed: true },
  ];
  for (const { name, before, expected, committed } of races)
    test(`a put where the key is expected to be ${name}`, async () => {
      await using store = await open();
      const revisions: number[] = [];
      for (const step of before)
        revisions.push(await (step === 'put' ? putNow(store, '/a', 'old') : removeNow(store, '/a')));
      const there = await get(store, '/a');
      const last = await revisionOf(store);
      const wanted: Expected = typeof expected === 'number' ? (revisions[expected - 1] ?? expected) : expected;
      const result = await put(store, '/a', 'new', wanted);
      assert.equal(result.committed, committed);
      if (result.committed) assert.ok(result.revision > last);
      else assert.deepEqual([result.revision, shown(result.current)], [last, shown(there)]);
      assert.equal(text((await get(store, '/a'))?.value), committed ? 'new' : text(there?.value));
    });

  test('a delete happens only where the key is as expected, and to an absent key never', async () => {
    await using store = await open();
    const first = await putNow(store, '/a', '1');
    const second = await putNow(store, '/a', '2');
    const late = await remove(store, '/a', first);
    assert.ok(!late.committed);
    assert.equal(late.current?.modified, second);
    assert.ok(!(await remove(store, '/a', 'absent')).committed);
    const gone = await remove(store, '/a', second);
    assert.ok(gone.committed);
    const nothing = { committed: false, revision: gone.revision, current: undefined };
    assert.deepEqual(await remove(store, '/a'), nothing);
    assert.deepEqual(await remove(store, '/a', 'absent'), nothing);
    assert.equal(await get(store, '/a'), undefined);
  });

  test('of many writers expecting the same revision, one wins and the others learn what won', async () => {
    await using store = await open();
    const first = await putNow(store, '/a', 'first');
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => put(store, '/a', `${i}`, first)));
    const winner = results.findIndex((result) => result.committed);
    assert.equal(results.filter((result) => result.committed).length, 1);
    for (const result of results)
      if (!result.committed)
        assert.deepEqual(
          [text(result.current?.value), result.current?.modified],
          [`${winner}`, results[winner]!.revision],
        );
  });

  test('of creators and deleters of one key, each sees the work of those before it', async () => {
    await using store = await open();
    const results = await Promise.all([
      put(store, '/a', '1', 'absent'),
      remove(store, '/a'),
      remove(store, '/a'),
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
        const revision = await putNow(store, `/k${i % 10}`, `${i}`);
        const { entry, revision: now } = await store.read(`/k${i % 10}`);
        assert.ok(now >= revision);
        assert.ok(entry !== undefined && entry.modified >= revision);
      }),
    );
  });

  test('values of any bytes and sizes come back as they were', async () => {
    await using store = await open();
    const values = [0, 1, 1000, 5000, 70_000, 1_500_000].map((length) =>
      Uint8Array.from({ length }, (_, i) => (i * 7 + length) % 256),
    );
    await Promise.all(values.map((value, i) => store.txn(`/v${i}`, 'any', { put: value })));
    for (const [i, value] of values.entries()) {
      const got = (await get(store, `/v${i}`))?.value;
      assert.ok(got !== undefined && Buffer.compare(got, value) === 0, `value of ${value.length} bytes`);
    }
  });

  test('a closed store refuses everything, and closing twice is closing once', async () => {
    const store = await open();
    await putNow(store, '/a', '1');
    const last = put(store, '/a', '2');
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    assert.ok((await last).committed, 'a write before the end is done');
    await assert.rejects(put(store, '/a', '3'), StoreClosedError);
    await assert.rejects(remove(store, '/a'), StoreClosedError);
    await assert.rejects(store.read('/a'), StoreClosedError);
    await assert.rejects(store.range(prefixRange('/')), StoreClosedError);
    await assert.rejects(store.compact(1), StoreClosedError);
    await assert.rejects(store.grantLease(1000), StoreClosedError);
  });
}
