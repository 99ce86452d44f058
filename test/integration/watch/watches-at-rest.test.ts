import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps } from '../../../src/api/core/v1/types.ts';
import { startTestCluster } from '../../../src/main/testing.ts';

test('while nothing is written, watches in the process keep no time', async () => {
  await using cluster = await startTestCluster({ nodes: 0 });
  const { client, clock } = cluster;
  await clock.advance(60_000);
  let timers = 0;
  const setTimer = clock.setTimer.bind(clock);
  clock.setTimer = (delayMs, callback) => {
    timers++;
    return setTimer(delayMs, callback);
  };
  await clock.advance(10_000);
  const atRest = timers;
  await client.create(ConfigMaps, { metadata: { name: 'news', namespace: 'default' } });
  await clock.advance(10_000);
  // Each of them tells once how far the server has come, which is its only reason to look at the clock.
  assert.ok(atRest < 10 && timers - atRest > 20, `${atRest} timers at rest, ${timers - atRest} after a write`);
});
