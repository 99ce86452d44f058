import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { BatchLoop } from './batch-loop.ts';

function loop(work: () => Promise<void>) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const { signal } = stop;
  const options = { clock, random: new SeededRandom('batches'), signal, gatherMs: 0, work, onFailure: () => {} };
  const made = new BatchLoop(options);
  const running = made.run();
  return { clock, made, stop: () => (stop.abort(), running) };
}

test('news that come together are worked on together, and the loop ends while it waits', async () => {
  let batches = 0;
  const { clock, made, stop } = loop(async () => void batches++);
  for (let i = 0; i < 3; i++) made.news();
  await clock.advance(1);
  assert.equal(batches, 1);
  await stop();
});

test('a loop keeps nothing of the batches that are over', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { clock, made, stop } = loop(async () => {});
  const heapAfter = async (batches: number): Promise<number> => {
    for (let i = 0; i < batches; i++) {
      made.news();
      await clock.advance(1);
    }
    collect();
    return process.memoryUsage().heapUsed;
  };
  const first = await heapAfter(1000);
  const grown = (await heapAfter(10_000)) - first;
  assert.ok(grown < 1_000_000, `${grown} bytes`);
  await stop();
});
