import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.ts';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { ObservedPod } from '../pods/observed-pod.ts';
import type { NodeUsage } from '../stats/usage.ts';
import { makeContainer, makePod } from '../testing/pods.ts';
import { NodePressure } from './node-pressure.ts';
import { relievePressure } from './relieve-pressure.ts';
import { defaultEvictionHard, type Observations } from './thresholds.ts';

const mebibyte = 2 ** 20;
const pod = (name: string, priority = 0) =>
  makePod({ priority, containers: [makeContainer('app')] }, { metadata: { name, namespace: 'default', uid: name } });
const short = { available: 99 * mebibyte, capacity: 1000 * mebibyte };
const enough = { available: 900 * mebibyte, capacity: 1000 * mebibyte };

/** A node with pods that run; `a` uses least and `c` most. */
function nodeWith(pods: readonly Pod[], begin: Observations) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const node = { observed: begin, running: new Set(pods.map(({ metadata }) => metadata.uid)), told: [] as string[] };
  const usage = pods.map(({ metadata: { name, uid } }, at) => {
    const used = { workingSetBytes: (at + 1) * mebibyte };
    return {
      name,
      uid,
      usage: used,
      containers: [{ name: 'app', usage: used, layer: { usedBytes: 0, inodesUsed: at } }],
    };
  });
  const reclaim = { disk: async () => undefined as void };
  const running = relievePressure({
    kubelet: {
      pods: () => pods,
      observed: (uid) =>
        ({ sandboxes: [], containers: node.running.has(uid) ? [{ state: 'running' }] : [] }) as unknown as ObservedPod,
      evict: (uid, message, disruption) => void node.told.push(`${uid} ${disruption}: ${message}`),
      tellOfNode: (type, reason, message) => void node.told.push(`${type} ${reason} ${message}`),
    },
    pressure: new NodePressure(async () => node.observed, defaultEvictionHard, clock),
    usage: async () => ({ pods: usage }) as unknown as NodeUsage,
    storage: async (asked) =>
      new Map(asked.map((one, at) => [one, { emptyDirs: new Map([['v', 10 - at]]), containers: new Map() }])),
    reclaimDisk: () => reclaim.disk(),
    clock,
    log: silentLogger,
    signal: stop.signal,
  });
  const end = async () => {
    stop.abort();
    await running;
  };
  return { node, clock, reclaim, [Symbol.asyncDispose]: end };
}

test('one pod after the other goes, each once the one before runs no more', async () => {
  const pods = [pod('a'), pod('b'), pod('critical', 2_000_000_000), pod('c')];
  await using story = nodeWith(pods, { 'memory.available': short });
  const { node, clock } = story;
  const event = 'Warning EvictionThresholdMet Attempting to reclaim memory';
  const low = 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 99Mi. ';
  const used = (amount: string) =>
    `Container app was using ${amount}, request is 0, has larger consumption of memory. `;
  await clock.advance(25_000);
  assert.deepEqual(node.told.splice(0), [event, `c TerminationByKubelet: ${low}${used('4Mi')}`]);
  node.running.delete('c');
  await clock.advance(20_000);
  assert.deepEqual(node.told.splice(0), [event, `b TerminationByKubelet: ${low}${used('2Mi')}`]);
  node.observed = { 'memory.available': enough };
  await clock.advance(100_000);
  assert.deepEqual(node.told, []);
});

test('no pod goes for a disk on which images have made room', async () => {
  await using story = nodeWith([pod('a')], { 'nodefs.available': enough });
  const { node, clock, reclaim } = story;
  reclaim.disk = async () => void (node.observed = { 'nodefs.available': enough });
  node.observed = { 'nodefs.available': short };
  await clock.advance(15_000);
  assert.deepEqual(node.told.splice(0), ['Warning EvictionThresholdMet Attempting to reclaim ephemeral-storage']);
});

test('who holds most of a disk that stays full goes first', async () => {
  await using story = nodeWith([pod('a'), pod('b')], { 'nodefs.available': enough });
  const { node, clock, reclaim } = story;
  reclaim.disk = () => Promise.reject(new Error('read-only file system'));
  node.observed = { 'nodefs.available': short };
  await clock.advance(15_000);
  const low = 'The node was low on resource: ephemeral-storage. Threshold quantity: 100Mi, available: 99Mi. ';
  assert.equal(node.told[1], `a TerminationByKubelet: ${low}`);
});

test('a node on which nothing may go, or that cannot be looked at, goes on looking', async () => {
  await using story = nodeWith([pod('critical', 2_000_000_000)], { 'memory.available': short });
  const { node, clock } = story;
  await clock.advance(5000);
  assert.deepEqual(node.told.splice(0), ['Warning EvictionThresholdMet Attempting to reclaim memory']);
  Object.defineProperty(node, 'observed', { get: () => assert.fail('no answer'), configurable: true });
  await clock.advance(10_000);
  Object.defineProperty(node, 'observed', { value: { 'memory.available': short } });
  await clock.advance(10_000);
  assert.equal(node.told.length, 1);
});
