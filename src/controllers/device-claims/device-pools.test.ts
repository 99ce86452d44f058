import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceSlice } from '../../api/resource/v1/types.ts';
import type { ClusterReader } from '../../reconciler/controller.ts';
import { DevicePools } from './device-pools.ts';

const slice = (name: string, generation: number, device: string, ...taints: string[]): ResourceSlice => ({
  metadata: { name },
  spec: {
    driver: 'd',
    nodeName: 'n',
    pool: { name: 'p', generation, resourceSliceCount: 1 },
    devices: [
      { name: device, taints: taints.map((key) => ({ key, effect: key === 'mild' ? 'NoSchedule' : 'NoExecute' })) },
    ],
  },
});

test('the newest slices of a pool say what taints drive pods from a device', () => {
  const there = new Map<string, ResourceSlice>();
  const cluster = { get: (_: unknown, { name }: { name: string }) => there.get(name) } as unknown as ClusterReader;
  const pools = new DevicePools();
  const add = (one: ResourceSlice) => {
    there.set(one.metadata.name, one);
    pools.note(one, true);
  };
  const remove = (name: string) => {
    const one = there.get(name)!;
    there.delete(name);
    pools.note(one, false);
  };
  const keys = (device = 'a', pool = 'p') =>
    pools.taintsOf({ driver: 'd', pool, device }, 'n', cluster).map(({ key }) => key);
  assert.deepEqual(keys(), []);
  add(slice('old', 1, 'a', 'broken', 'mild'));
  assert.deepEqual(keys(), ['broken']);
  assert.deepEqual([keys('b'), keys('a', 'q')], [[], []]);
  const foreign = slice('foreign', 9, 'a', 'forged');
  add({ ...foreign, spec: { ...foreign.spec, nodeName: 'other' } });
  assert.deepEqual(keys(), ['broken'], 'what another node says of the pool does not count');
  remove('foreign');
  add(slice('new', 2, 'a'));
  assert.deepEqual(keys(), [], 'what is older does not count');
  remove('new');
  assert.deepEqual(keys(), ['broken']);
  remove('old');
  assert.deepEqual(pools.slicesOf('d', 'p', cluster), []);
});
