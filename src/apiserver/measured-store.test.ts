import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { MemoryStore } from '../store/memory/memory-store.ts';
import { prefixRange } from '../store/range.ts';
import type { Store } from '../store/store.ts';
import { storeMetrics } from './http/store-metrics.ts';
import { MeasuredStore } from './measured-store.ts';

const key = '/registry/deployments.apps/default/a';
const value = new Uint8Array([1, 2, 3]);

/** `operation resource count`, with `failed` where there are failures. */
function seen({ tallies }: MeasuredStore): string[] {
  return tallies.map(({ operation, resource, timings, failed }) =>
    [operation, resource, timings.count, ...(failed > 0 ? [`failed ${failed}`] : [])].join(' '),
  );
}

test('what is asked of the store is counted by operation and resource', async () => {
  const clock = new VirtualClock();
  await using store = new MeasuredStore(new MemoryStore({ clock }), clock);
  const made = await store.txn(key, 'absent', { put: value });
  await store.txn(key, made.revision, { put: value });
  await store.txn(key, 'any', { delete: true });
  await store.txn('/registry/pods/default/b', 'absent', { put: value });
  await store.txn('/registry/pods/default/b', 'absent', { put: value });
  await store.read(key);
  await store.range(prefixRange('/registry/pods/'));
  assert.deepEqual(seen(store), [
    'create deployments.apps 1',
    'create pods 2',
    'delete deployments.apps 1',
    'get deployments.apps 1',
    'list pods 1',
    'update deployments.apps 1',
  ]);
  const text = storeMetrics(store);
  assert.match(text, /^etcd_requests_total\{group="apps",operation="update",resource="deployments"\} 1$/m);
  assert.match(text, /^apiserver_storage_size_bytes\{storage_cluster_id="etcd-0"\} [1-9]\d*$/m);
  assert.doesNotMatch(text, /^etcd_request_errors_total\{/m);
});

test('what takes time falls into its bound, and what fails is counted twice', async () => {
  const clock = new VirtualClock();
  const slow = {
    read: () => clock.sleep(70).then(() => ({ entry: undefined, revision: 1 })),
    txn: () => clock.sleep(2000).then(() => Promise.reject(new Error('full'))),
  } as unknown as Store;
  const store = new MeasuredStore(slow, clock);
  const writing = assert.rejects(store.txn(key, 'any', { put: value }), { message: 'full' });
  void store.read(key);
  await clock.advance(2000);
  await writing;
  assert.deepEqual(seen(store), ['get deployments.apps 1', 'update deployments.apps 1 failed 1']);
  const [get, update] = store.tallies.map(({ timings }) => timings);
  assert.deepEqual([get!.took[3], get!.seconds, update!.took[11], update!.seconds], [1, 0.07, 1, 2]);
});
