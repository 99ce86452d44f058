import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { makeContainer, makePod } from '../testing/pods.ts';
import { NodePressure } from './node-pressure.ts';
import { defaultEvictionHard, type Observations } from './thresholds.ts';

const requests = { memory: '1Mi' };
const bestEffort = makePod({ containers: [makeContainer('app')] });
const burstable = makePod({ containers: [makeContainer('app', { resources: { requests } })] });
const critical = makePod({ priority: 2_000_000_000, containers: [makeContainer('app')] });
const key = 'node.kubernetes.io/memory-pressure';
const tolerating = [
  makePod({ tolerations: [{ key, operator: 'Exists', effect: 'NoSchedule' }] }),
  makePod({ tolerations: [{ operator: 'Exists' }] }),
];
const tolerant = makePod({ tolerations: [{ key, operator: 'Exists', effect: 'NoExecute' }] });

const low = { available: 1, capacity: 2 ** 40 };
const plenty = { available: 2 ** 40, capacity: 2 ** 40 };

test('a condition stays for five minutes after its cause has gone', async () => {
  const clock = new VirtualClock();
  let observed: Observations = { 'memory.available': low };
  const node = new NodePressure(async () => observed, defaultEvictionHard, clock);
  assert.deepEqual(await node.pressure(), { memory: true, disk: false, processes: false });
  observed = { 'memory.available': plenty, 'nodefs.available': low };
  await clock.advance(299_999);
  assert.deepEqual(await node.pressure(), { memory: true, disk: true, processes: false });
  await clock.advance(1);
  assert.deepEqual(await node.pressure(), { memory: false, disk: true, processes: false });
});

test('a node that runs short of memory takes no pods that ask for nothing', async () => {
  const node = new NodePressure(async () => ({ 'memory.available': low }), defaultEvictionHard, new VirtualClock());
  assert.equal(node.refuse(bestEffort), undefined);
  await node.look();
  const refusal = { reason: 'Evicted', message: 'Pod was rejected: The node had condition: [MemoryPressure]. ' };
  assert.deepEqual(node.refuse(bestEffort), refusal);
  assert.deepEqual(node.refuse(tolerant), refusal);
  for (const taken of [burstable, critical, ...tolerating]) assert.equal(node.refuse(taken), undefined);
});

test('a node that runs short of disk takes critical pods alone', async () => {
  const observed = { 'memory.available': low, 'imagefs.inodesFree': low };
  const node = new NodePressure(async () => observed, defaultEvictionHard, new VirtualClock());
  await node.look();
  for (const refused of [bestEffort, burstable, ...tolerating])
    assert.match(node.refuse(refused)?.message ?? '', /The node had condition: \[MemoryPressure DiskPressure\]\. $/);
  assert.equal(node.refuse(critical), undefined);
});
