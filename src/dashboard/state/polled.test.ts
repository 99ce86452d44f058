import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeMetricsResource } from '../../api/metrics/v1beta1/types.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { createClient } from '../../client/typed-client.ts';
import { follow } from './live.ts';
import { polled } from './polled.ts';

test('a kind that cannot be watched is listed again and again', async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  let version = 0;
  const transport = polled(
    {
      call() {
        const metadata = { name: 'one', uid: 'one', resourceVersion: String(++version) };
        return Promise.resolve({ metadata: { resourceVersion: String(version) }, items: [{ metadata }] });
      },
      watch: () => assert.fail('nobody can watch it'),
    },
    clock,
    10_000,
  );
  const options = { clock, random: new SeededRandom(1), signal: stop.signal };
  const { items, synced } = follow(createClient(transport), NodeMetricsResource, options);
  await clock.advance(1000);
  assert.deepEqual([synced.value, items.value.length], [true, 1]);
  await clock.advance(60_000);
  assert.ok(version >= 5 && version <= 7, `listed ${version} times in a minute`);
  assert.equal(items.value[0]!.metadata.resourceVersion, String(version));
  stop.abort();
});
