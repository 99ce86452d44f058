import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { describeStoreContract } from '../../store/contract.ts';
import { MemoryStore } from '../../store/memory/memory-store.ts';
import { prefixRange } from '../../store/range.ts';
import { aesGcm } from './aes-gcm.ts';
import { EncryptedStore } from './encrypted-store.ts';
import { identity, isEncrypted } from './identity.ts';
import { prefixed, type Prefixed } from './prefixed.ts';
import { unreadableReason } from './unreadable.ts';

const random = new SeededRandom(1);
const provider = (name: string, letter: string): Prefixed => ({
  prefix: `k8s:enc:aesgcm:v1:${name}:`,
  transformer: aesGcm(Buffer.alloc(32, letter), random),
});
const withKeys = (...parts: Prefixed[]) => prefixed(parts, { nobody: 'no matching prefix found' });
const [first, second] = [provider('one', 'a'), provider('two', 'b')];
const plain: Prefixed = { prefix: '', transformer: identity };

/** A transformer that answers later, as a KMS does. */
const later = {
  toStorage: first.transformer.toStorage,
  fromStorage: async (stored: Uint8Array, place: string) => first.transformer.fromStorage(stored, place),
};

describeStoreContract(
  'a store that encrypts',
  async (clock) => new EncryptedStore(new MemoryStore({ clock }), () => withKeys(first)),
);
describeStoreContract('a store that decrypts in its own time', async (clock) => {
  const below = new MemoryStore({ clock });
  const writing = new EncryptedStore(below, () => withKeys(first));
  // This one knows nothing from writing: all goes through the transformer.
  const reading = new EncryptedStore(below, () => withKeys({ ...first, transformer: later }));
  return {
    read: (...call) => reading.read(...call),
    range: (...call) => reading.range(...call),
    watch: (...call) => reading.watch(...call),
    txn: (...call) => writing.txn(...call),
    compact: (before) => below.compact(before),
    oldest: () => below.oldest(),
    grantLease: (ttlMs) => below.grantLease(ttlMs),
    problem: () => below.problem(),
    size: () => below.size(),
    [Symbol.asyncDispose]: () => below[Symbol.asyncDispose](),
  };
});

const key = '/registry/secrets/default/a';
const value = Buffer.from('{"data":"geheim"}');

test('what is below never sees the value, and who reads does', async () => {
  await using below = new MemoryStore({ clock: new VirtualClock() });
  const store = new EncryptedStore(below, (place) =>
    place.startsWith('/registry/secrets/') ? withKeys(first) : undefined,
  );
  await store.txn(key, 'absent', { put: value });
  await store.txn(key, 'any', { put: Buffer.from('{"data":"geheimer"}') });
  await store.txn('/registry/pods/default/a', 'absent', { put: value });
  const { entries } = await below.range(prefixRange('/registry/secrets/'));
  assert.ok(isEncrypted(entries[0]!.value));
  const watched = [];
  const { signal } = new AbortController();
  for await (const event of below.watch('/registry/secrets/', { after: 0, signal })) {
    if (event.type === 'changes') watched.push(...event.changes);
    if (watched.length === 2) break;
  }
  for (const change of watched) assert.ok('value' in change && !Buffer.from(change.value).includes('geheim'));
  assert.equal(Buffer.from((await store.read(key)).entry!.value).toString(), '{"data":"geheimer"}');
  const { entry } = await below.read('/registry/pods/default/a');
  assert.equal(entry!.value, value, 'others are stored as they are');
});

test('a value under another key than its own, or changed, is not read and says why', async () => {
  await using below = new MemoryStore({ clock: new VirtualClock() });
  const store = new EncryptedStore(below, () => withKeys(first));
  await store.txn(key, 'absent', { put: value });
  const { entry } = await below.read(key);
  await below.txn('/registry/secrets/other/a', 'absent', { put: Uint8Array.from(entry!.value) });
  const moved = (await store.read('/registry/secrets/other/a')).entry!;
  assert.equal(unreadableReason(moved.value), 'cipher: message authentication failed');
  assert.equal(unreadableReason((await store.read(key)).entry!.value), undefined);
});

test('a value is stale when another key or provider would write it', async () => {
  await using below = new MemoryStore({ clock: new VirtualClock() });
  const clear = new EncryptedStore(below, () => undefined);
  await clear.txn(key, 'absent', { put: value });
  const rows = [
    [[plain], false],
    [[first, plain], true],
    [[first, second], false],
    [[second, first], true],
    [[plain, second], true],
  ] as const;
  const found = [];
  for (const [parts] of rows) {
    const store = new EncryptedStore(below, () => withKeys(...parts));
    found.push(await store.isStale(key));
    const { entry } = await store.read(key);
    assert.deepEqual(Buffer.from(entry!.value), value);
    await store.txn(key, 'any', { put: Uint8Array.from(entry!.value) });
  }
  assert.deepEqual(
    found,
    rows.map(([, isStale]) => isStale),
  );
  assert.ok(!isEncrypted((await below.read(key)).entry!.value), 'identity first takes encryption away');
});
