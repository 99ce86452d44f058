import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, type ConfigMap } from '../../../src/api/core/v1/types.ts';
import { configMap, namespace } from './objects.ts';
import { eventsUntil, isError, startWatchedApi, textOf, type Way } from './watched-api.ts';

const large = 'x'.repeat(900_000);
const dataOf = ({ object }: { object: object }) => (object as ConfigMap).data;

/** Watches with more to tell than their client takes at once. */
export function describeSlowReaders(way: Way): void {
  if (way === 'in process') {
    test('a consumer that takes nothing for a while misses nothing', async () => {
      await using api = await startWatchedApi(way);
      const { resourceVersion } = (await api.client.create(ConfigMaps, configMap('a'))).metadata;
      await using watch = await api.watch(ConfigMaps, { namespace, resourceVersion });
      for (let at = 1; at <= 1500; at++) await api.client.update(ConfigMaps, configMap('a', {}, { at: String(at) }));
      const events = await eventsUntil(watch, (event) => dataOf(event)?.['at'] === '1500');
      assert.equal(events.length, 1500);
    });
    return;
  }

  test('a watch that begins with 36 MB works, also for a client that takes its time', async () => {
    await using api = await startWatchedApi(way);
    const names = Array.from({ length: 40 }, (_, at) => `large-${String(at).padStart(2, '0')}`);
    for (const name of names) await api.client.create(ConfigMaps, configMap(name, {}, { large }));
    const withEnd = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' };
    await using atOnce = await api.watch(ConfigMaps, { namespace, ...withEnd });
    await using later = await api.watch(ConfigMaps, { namespace, resourceVersion: '0' });
    const events = await eventsUntil(atOnce, ({ type }) => type === 'BOOKMARK');
    assert.deepEqual(events.map(textOf), [...names.map((name) => `ADDED ${name}`), 'BOOKMARK']);
    // Nobody has read the other one until now.
    await api.client.create(ConfigMaps, configMap('z'));
    const all = await eventsUntil(later, ({ object }) => object.metadata.name === 'z');
    assert.deepEqual(
      all.map(textOf),
      [...names, 'z'].map((name) => `ADDED ${name}`),
    );
    assert.equal(dataOf(all[0]!)?.['large']?.length, large.length);
  });

  test('a watcher that falls behind what is kept is told so and ended, and nobody else', async () => {
    const watchWindow = { kindBytes: 2 << 20, totalBytes: 4 << 20, ageMs: 60_000 };
    await using api = await startWatchedApi(way, { watchWindow });
    const { resourceVersion } = (await api.client.create(ConfigMaps, configMap('a'))).metadata;
    await using slow = await api.watch(ConfigMaps, { namespace, resourceVersion });
    await using quick = await api.watch(ConfigMaps, { namespace, resourceVersion });
    const changes = 24;
    for (let at = 1; at <= changes; at++) {
      await api.client.update(ConfigMaps, configMap('a', {}, { at: String(at), large }));
      assert.equal(dataOf((await quick.next())!)?.['at'], String(at));
    }
    const seen = await eventsUntil(slow, isError);
    const { code, reason, message } = seen.pop()!.object as unknown as Record<string, string>;
    assert.deepEqual([code, reason], [410, 'Expired']);
    assert.match(message!, /^too old resource version: \d+ \(\d+\)$/);
    assert.ok(seen.length < changes);
    // What came, came in order and without a gap.
    assert.deepEqual(
      seen.map((event) => dataOf(event)?.['at']),
      seen.map((_, at) => String(at + 1)),
    );
    assert.equal(await slow.next(), undefined);
  });
}
