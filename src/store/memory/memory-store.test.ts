import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { describeStoreContract } from '../contract.ts';
import { prefixRange } from '../range.ts';
import { MemoryStore } from './memory-store.ts';

describeStoreContract('the memory store', async (clock) => new MemoryStore({ clock }));
describeStoreContract(
  'the memory store that leaves revisions out',
  async (clock) => new MemoryStore({ clock, nextRevision: (revision) => revision + 1 + ((revision * 7) % 5) }),
);

const value = new Uint8Array(100);

test('history over the byte budget is forgotten, oldest first, and live entries are not', async () => {
  await using store = new MemoryStore({ clock: new VirtualClock(), historyBytes: 20_000 });
  await store.txn('/kept', 'any', { put: value });
  for (let i = 0; i < 1000; i++) await store.txn('/a', 'any', { put: value });
  const oldest = await store.oldest();
  assert.ok(oldest > 800 && oldest < 950, `oldest is ${oldest}`);
  assert.equal((await store.range(prefixRange('/'))).entries.length, 2);
});

test('150,000 keys are written, listed by prefix and counted in moments', async () => {
  await using store = new MemoryStore({ clock: new VirtualClock() });
  for (let i = 0; i < 150_000; i++)
    await store.txn(`/registry/pods/namespace-${i % 300}/pod-${(i * 7919) % 150_000}`, 'any', { put: value });
  const page = await store.range(prefixRange('/registry/pods/namespace-7/'), { limit: 10 });
  assert.deepEqual([page.entries.length, page.remaining], [10, 490]);
  assert.equal((await store.range(prefixRange('/registry/pods/'))).entries.length, 150_000);
});
