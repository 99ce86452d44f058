import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { ContainerStats } from '../runtime/runtime.ts';
import { makeContainer, makePod } from '../testing/pods.ts';
import { keepStorageLimits } from './keep-storage-limits.ts';

test('pods that hold more than they may are evicted at the next look, and nothing else is measured', async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const limits = { 'ephemeral-storage': '100' };
  const of = (uid: string, spec: Parameters<typeof makePod>[0]) =>
    makePod(spec, { metadata: { name: uid, namespace: 'default', uid } });
  const bounded = of('bounded', { volumes: [{ name: 'v', emptyDir: { sizeLimit: '10' } }] });
  const writing = of('writing', { containers: [makeContainer('app', { resources: { limits } })] });
  const critical = of('critical', { ...bounded.spec, priority: 2_000_001_000 });
  const free = of('free', { volumes: [{ name: 'v', emptyDir: {} }] });
  const leaving = {
    ...bounded,
    metadata: { ...bounded.metadata, uid: 'leaving', deletionTimestamp: '2026-01-01T00:00:00Z' },
  };
  const over = { ...bounded, metadata: { ...bounded.metadata, uid: 'over' }, status: { phase: 'Failed' } } as const;
  let held = 10;
  const measured: string[] = [];
  const evicted: string[] = [];
  const running = keepStorageLimits({
    kubelet: {
      pods: () => [bounded, writing, critical, free, leaving, over],
      evict: (uid, message) => void evicted.push(`${uid}: ${message}`),
    },
    runtime: {
      containerStats: async () =>
        [
          { podUid: 'writing', name: 'app', at: 1, layer: { usedBytes: held * 5, inodesUsed: 1 } },
          { podUid: 'writing', name: 'app', at: 0, layer: { usedBytes: 0, inodesUsed: 1 } },
        ] as ContainerStats[],
    },
    disk: { usedBytes: async ({ podUid, plugin, volume }) => (measured.push(`${podUid} ${plugin} ${volume}`), held) },
    files: { logBytes: async () => 50 },
    clock,
    log: silentLogger,
    signal: stop.signal,
  });
  await clock.advance(5000);
  assert.deepEqual(evicted, []);
  assert.deepEqual(measured, ['bounded kubernetes.io~empty-dir v', 'leaving kubernetes.io~empty-dir v']);
  held = 11;
  await clock.advance(10_000);
  assert.deepEqual(evicted, [
    'bounded: Usage of EmptyDir volume "v" exceeds the limit "10". ',
    'writing: Pod ephemeral local storage usage exceeds the total limit of containers 100. ',
    'leaving: Usage of EmptyDir volume "v" exceeds the limit "10". ',
  ]);
  stop.abort();
  await running;
});
