import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { describeStoreContract } from '../contract.ts';
import { prefixRange } from '../range.ts';
import { MemoryStore } from './memory-store.ts';

describeStoreContract('the memory store', async (clock) => new MemoryStore({ clock }));

const value = new Uint8Array(100);

test('history over the byte budget is forgotten, oldest first', async () => {
  const clock = new VirtualClock();
  await using store = new MemoryStore({ clock, history: { bytes: 20_000 } });
  for (let i = 0; i < 1000; i++) await store.put('/a', value);
  assert.ok(store.oldest() > 800 && store.oldest() < 950, `oldest is ${store.oldest()}`);
});

test('history over the age budget is forgotten, and live entries are not', async () => {
  const clock = new VirtualClock();
  await using store = new MemoryStore({ clock, history: { ageMs: 10_000 } });
  await store.put('/kept', value);
  for (let i = 0; i < 5; i++) await store.put('/a', value);
  await clock.advance(10_001);
  await store.put('/a', value);
  assert.equal(store.oldest(), 6);
  assert.equal((await store.list(prefixRange('/'))).entries.length, 2);
});

test('150,000 keys are written, listed by prefix and counted in moments', async () => {
  await using store = new MemoryStore({ clock: new VirtualClock() });
  for (let i = 0; i < 150_000; i++)
    await store.put(`/registry/pods/namespace-${i % 300}/pod-${(i * 7919) % 150_000}`, value);
  const page = await store.list(prefixRange('/registry/pods/namespace-7/'), { limit: 10 });
  assert.deepEqual([page.entries.length, page.remaining], [10, 490]);
  assert.equal((await store.list(prefixRange('/registry/pods/'))).entries.length, 150_000);
});
