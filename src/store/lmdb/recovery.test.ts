import assert from 'node:assert/strict';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import {
  changesUntil,
  get,
  keys,
  nextChanges,
  put,
  putNow,
  revisionOf,
  shown,
  text,
  told,
} from '../contract-access.ts';
import { StoreFailedError } from '../store.ts';
import { StoreDatabase } from './database.ts';
import { openLmdbStore } from './lmdb-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('what a failed commit brought to the disk after all has happened: readers and watchers see it once, and writes go on from there', async () => {
  using folder = temporaryFolder();
  const clock = new VirtualClock();
  const options = { path: join(folder.path, 'store'), clock, reserveBytes: 0 };
  {
    await using store = await openLmdbStore(options);
    const first = await putNow(store, '/a', '1');
    const lease = await store.grantLease(1_000_000_000);
    const watched = nextChanges(store, '/', first, 3);

    const commit = Reflect.get(StoreDatabase.prototype, 'commit') as StoreDatabase['commit'];
    const failing = mock.method(
      StoreDatabase.prototype,
      'commit',
      async function (this: StoreDatabase, ...args: never) {
        await commit.apply(this, args);
        throw new Error('the disk said no, and did it');
      },
    );
    const writes = await Promise.allSettled([put(store, '/a', '2'), put(store, '/b', '3', 'absent', lease)]);
    failing.mock.restore();
    for (const write of writes)
      assert.ok(
        write.status === 'rejected' && write.reason instanceof StoreFailedError,
        'nobody is told that it was done',
      );
    assert.equal(text((await get(store, '/a'))?.value), '1', 'nor does anybody see it yet');
    await assert.rejects(put(store, '/c', '4'), StoreFailedError);

    while (store.problem() !== undefined) await clock.advance(1000);
    assert.deepEqual(await keys(store, '/'), ['/a', '/b']);
    const last = await putNow(store, '/c', '4');
    assert.deepEqual((await watched).map(told), [
      `put /a=2@${first}-${first + 1}`,
      `put /b=3@${first + 2}-${first + 2}`,
      `put /c=4@${last}-${last}`,
    ]);
    assert.equal((await put(store, '/a', '5', first + 1)).committed, true, 'a comparison counts with it');
    const now = await revisionOf(store);
    await clock.advance(2_000_000_000);
    assert.deepEqual(
      (await nextChanges(store, '/', now, 1)).map(({ key }) => key),
      ['/b'],
      'its lease ends',
    );
  }
  await using store = await openLmdbStore(options);
  assert.deepEqual(shown(await get(store, '/a')), { key: '/a', value: '5', created: 1, modified: 5 });
  assert.equal((await changesUntil(store, '/', 0, 6)).length, 6);
});
