import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStored } from '../../apimachinery/canonical-json.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { aesGcm } from '../encryption/aes-gcm.ts';
import { EncryptedStore } from '../encryption/encrypted-store.ts';
import { prefixed } from '../encryption/prefixed.ts';
import type { Transformer } from '../encryption/transformer.ts';
import { breakableStore } from '../testing/breakable-store.ts';
import type { ObjectChange } from './change.ts';
import type { Selection } from './selection.ts';
import type { EventSink } from './watcher.ts';
import { WatchCache } from './watch-cache.ts';

const prefix = '/registry/configmaps/';
const key = (name: string) => `${prefix}default/${name}`;
const value = (name: string) => encodeStored({ metadata: { name, namespace: 'default' } });
const everything: Selection = {
  prefix,
  namespace: undefined,
  only: undefined,
  trigger: undefined,
  text: '',
  conversion: undefined,
  matches: undefined,
};
const textOf = (change: ObjectChange) => `${change.typeFor(everything)} ${change.now.name}`;

/** Follows all changes from now on, or after a revision, as they are committed. */
function watchAll(cache: WatchCache, sink: Partial<EventSink>, after = cache.revision): void {
  const start = { after };
  const options = { selection: everything, apiVersion: 'v1', start, delivery: 'immediate' } as const;
  cache.kind(prefix).watch(options, {
    events: () => true,
    bookmark() {},
    drained: () => Promise.resolve(),
    fail: assert.ifError,
    end: assert.fail,
    ...sink,
  });
}
/** A sink's `events` that notes what comes. */
function noting(seen: string[]): EventSink['events'] {
  return ({ events }) => {
    for (const { type, change } of events) seen.push(`${type} ${change.now.name}`);
    return true;
  };
}

test('a sink that throws ends alone, and the cache goes on', async () => {
  const { store } = breakableStore();
  await using cache = await WatchCache.open(store, [prefix], { clock: systemClock, log: silentLogger });
  const seen: string[] = [];
  const failures: unknown[] = [];
  const bug = new Error('no cells');
  watchAll(cache, {
    events() {
      throw bug;
    },
    fail: (error) => failures.push(error),
  });
  watchAll(cache, { events: noting(seen) });
  for (const name of ['a', 'b'])
    await cache.reached((await store.txn(key(name), 'any', { put: value(name) })).revision);
  assert.deepEqual(seen, ['ADDED a', 'ADDED b']);
  assert.deepEqual(failures, [bug]);
  assert.equal(cache.problem, undefined);
});

test('a stream that breaks is taken up where it broke: watchers miss nothing and see nothing twice', async () => {
  const { store, breakWatches } = breakableStore();
  await using cache = await WatchCache.open(store, [prefix], { clock: systemClock, log: silentLogger });
  const seen: string[] = [];
  watchAll(cache, { events: noting(seen) });
  await cache.reached((await store.txn(key('a'), 'any', { put: value('a') })).revision);
  breakWatches();
  await store.txn(key('b'), 'any', { put: value('b') });
  await store.txn(key('a'), 'any', { delete: true });
  await shows(cache, () => cache.kind(prefix).get(key('b')) !== undefined);
  await cache.reached((await store.txn(key('c'), 'any', { put: value('c') })).revision);
  assert.deepEqual(seen, ['ADDED a', 'ADDED b', 'DELETED a', 'ADDED c']);
  assert.equal(cache.problem, undefined);
});

test('where that is no more possible everything is read again: followers get the difference, watchers must begin anew', async () => {
  const { store, breakWatches } = breakableStore();
  await using cache = await WatchCache.open(store, [prefix], { clock: systemClock, log: silentLogger });
  const kind = cache.kind(prefix);
  const seen: string[] = [];
  const failures: unknown[] = [];
  for (const name of ['a', 'b', 'c'])
    await cache.reached((await store.txn(key(name), 'any', { put: value(name) })).revision);
  kind.follow((change) => seen.push(textOf(change)));
  watchAll(cache, { events: () => assert.fail(), fail: (error) => failures.push((error as { code: number }).code) });
  breakWatches();
  await store.txn(key('a'), 'any', { delete: true });
  await store.txn(key('b'), 'any', { put: value('b') });
  const { revision } = await store.txn(key('d'), 'any', { put: value('d') });
  await store.compact(revision);
  await shows(cache, () => cache.revision >= revision);
  assert.deepEqual(seen, ['MODIFIED b', 'ADDED d', 'DELETED a']);
  assert.deepEqual(failures, [410]);
  assert.deepEqual(
    kind.range(prefix).map(({ name }) => name),
    ['b', 'c', 'd'],
  );
  await cache.reached((await store.txn(key('e'), 'any', { put: value('e') })).revision);
  assert.ok(kind.hasChangedSince(revision));
});

/** Resolves when the cache has advanced so far that `isThere`. */
async function shows(cache: WatchCache, isThere: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = cache.onProgress(() => isThere() && resolve());
  if (isThere()) resolve();
  await promise;
  stop();
}

test('the cache of a kind opens when it is needed, with the history that the store has, and misses nothing meanwhile', async () => {
  const { store } = breakableStore();
  for (const name of ['a', 'b']) await store.txn(key(name), 'any', { put: value(name) });
  const { revision } = await store.txn(key('a'), 'any', { delete: true });
  await using cache = await WatchCache.open(store, [], { clock: systemClock, log: silentLogger });
  cache.serve(prefix);
  assert.throws(() => cache.kind(prefix), /its cache is not open yet/);
  const opening = cache.ready(prefix);
  assert.equal(cache.ready(prefix), opening);
  for (const name of ['c', 'd']) await store.txn(key(name), 'any', { put: value(name) });
  await opening;
  const kind = cache.kind(prefix);
  const seen: string[] = [];
  watchAll(cache, { events: noting(seen) });
  const since: string[] = [];
  watchAll(cache, { events: noting(since) }, revision - 1);
  const last = await store.txn(key('b'), 'any', { put: value('b') });
  await cache.reached(last.revision);
  assert.equal(cache.ready(prefix), undefined);
  assert.deepEqual(
    kind.range(prefix).map(({ name }) => name),
    ['b', 'c', 'd'],
  );
  assert.deepEqual(since, ['DELETED a', 'ADDED c', 'ADDED d', 'MODIFIED b']);
  assert.equal(seen.at(-1), 'MODIFIED b');
});

test('a kind that goes ends its listeners and is not found; it may come again', async () => {
  const { store } = breakableStore();
  await using cache = await WatchCache.open(store, [prefix], { clock: systemClock, log: silentLogger });
  await cache.reached((await store.txn(key('a'), 'any', { put: value('a') })).revision);
  let ended = 0;
  watchAll(cache, { events: () => assert.fail(), end: () => ended++ });
  cache.close(prefix);
  assert.equal(ended, 1);
  assert.throws(() => cache.kind(prefix), { message: 'the server could not find the requested resource' });
  await assert.rejects(async () => cache.ready(prefix), {
    message: 'the server could not find the requested resource',
  });
  await cache.reached((await store.txn(key('b'), 'any', { put: value('b') })).revision);
  cache.serve(prefix);
  await cache.ready(prefix);
  assert.equal(cache.kind(prefix).size, 2);
});

test('a kind that goes while its cache opens is not found', async () => {
  const { store } = breakableStore();
  await using cache = await WatchCache.open(store, [], { clock: systemClock, log: silentLogger });
  cache.serve(prefix);
  const opening = cache.ready(prefix);
  cache.close(prefix);
  await assert.rejects(async () => opening, { message: 'the server could not find the requested resource' });
  assert.equal(cache.opened(prefix), undefined);
});

test('a kind whose cache opens while everything is read again has all of it', async () => {
  const { store, breakWatches } = breakableStore();
  await store.txn(key('a'), 'any', { put: value('a') });
  await using cache = await WatchCache.open(store, [], { clock: systemClock, log: silentLogger });
  cache.serve(prefix);
  const opening = cache.ready(prefix);
  breakWatches();
  const { revision } = await store.txn(key('b'), 'any', { put: value('b') });
  await store.compact(revision);
  await opening;
  await shows(cache, () => cache.kind(prefix).size === 2);
});

test('what could not be decrypted is taken when it can be', async () => {
  const { store } = breakableStore();
  const transformer = prefixed(
    [{ prefix: 'k8s:enc:aesgcm:v1:', transformer: aesGcm(Buffer.alloc(32, 'k'), new SeededRandom(1)) }],
    { nobody: 'no matching prefix found' },
  );
  const writing = new EncryptedStore(store, () => transformer);
  for (const name of ['a', 'b']) await writing.txn(key(name), 'absent', { put: value(name) });
  let isThere = false;
  const later: Transformer = {
    toStorage: (...call) => transformer.toStorage(...call),
    fromStorage(...call) {
      if (!isThere) throw new Error('the plugin is not there');
      return transformer.fromStorage(...call);
    },
  };
  const reading = new EncryptedStore(store, () => later);
  await using cache = await WatchCache.open(reading, [prefix], { clock: systemClock, log: silentLogger });
  const kind = cache.kind(prefix);
  assert.deepEqual([kind.size, kind.unreadable], [0, { key: key('a'), reason: 'the plugin is not there' }]);
  assert.throws(() => kind.get(key('b')), /the plugin is not there/);
  await cache.readAgain();
  assert.equal(kind.unreadableKeys.length, 2);
  await writing.txn(key('b'), 'any', { delete: true });
  await cache.reached((await store.read(key('b'))).revision);
  isThere = true;
  await cache.readAgain();
  assert.deepEqual([kind.size, kind.unreadable, kind.get(key('a'))?.name], [1, undefined, 'a']);
});
