import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod, ResourceRequirements } from '../../api/core/v1/types.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { cgroupTree, weightOf, type CgroupLimits, type CgroupTree } from './cgroup-tree.ts';
import { containerResources } from './container-resources.ts';
import { limitsOf, MachineCgroups } from './machine-cgroups.ts';

const gibibyte = 2 ** 30;

const rows: { name: string; resources: ResourceRequirements[]; path: string; limits: CgroupLimits }[] = [
  { name: 'asks for nothing', resources: [{}], path: 'besteffort', limits: { cpuShares: 2 } },
  {
    name: 'requests some of it',
    resources: [{ requests: { cpu: '250m', memory: '64Mi' } }, { requests: { cpu: '750m' } }],
    path: 'burstable',
    limits: { cpuShares: 1024 },
  },
  {
    name: 'limits only one of its containers',
    resources: [{ limits: { cpu: '1', memory: '64Mi' }, requests: { cpu: '1', memory: '64Mi' } }, {}],
    path: 'burstable',
    limits: { cpuShares: 1024 },
  },
  {
    name: 'is promised all that it may use',
    resources: [{ limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '500m', memory: '64Mi' } }],
    path: '',
    limits: { cpuShares: 512, cpuQuota: 50_000, memoryBytes: 64 * 2 ** 20 },
  },
];
for (const { name, resources, path, limits } of rows)
  test(`the group of a pod that ${name}`, async () => {
    const { tree, groups } = recordingTree();
    const cgroups = new MachineCgroups(tree, {
      root: '/k/n',
      cpus: 2,
      memoryBytes: gibibyte,
      clock: new VirtualClock(),
    });
    await cgroups.prepare();
    const pod = podOf(resources);
    const at = await cgroups.create(pod);
    assert.equal(at, ['/k/n/kubepods', path, 'podu1'].filter(Boolean).join('/'));
    assert.deepEqual(groups.get(at), limits);
    assert.deepEqual(limitsOf(pod), limits);
    assert.deepEqual(await cgroups.podUids(), ['u1']);
    await cgroups.remove('u1');
    assert.deepEqual(await cgroups.podUids(), []);
  });

test('the middle class weighs as much as its pods have requested', async () => {
  const { tree, groups } = recordingTree();
  const cgroups = new MachineCgroups(tree, { root: '', cpus: 2, memoryBytes: gibibyte, clock: new VirtualClock() });
  await cgroups.prepare();
  const weight = () => groups.get('/kubepods/burstable')?.cpuShares;
  await cgroups.create(podOf([{ requests: { cpu: '500m' } }], 'a'));
  await cgroups.create(podOf([{ requests: { cpu: '1' } }], 'b'));
  assert.equal(weight(), 1536);
  await cgroups.remove('a');
  assert.equal(weight(), 1024);
});

const memories: { name: string; resources: ResourceRequirements; want: number }[] = [
  { name: 'is promised nothing', resources: {}, want: 1000 },
  { name: 'has requested a quarter of the memory', resources: { requests: { memory: '256Mi' } }, want: 750 },
  { name: 'has requested all of it', resources: { requests: { memory: '1Gi' } }, want: 3 },
  { name: 'has requested next to nothing', resources: { requests: { cpu: '1m' } }, want: 999 },
  { name: 'is promised all it uses', resources: { limits: { cpu: '1', memory: '1Mi' } }, want: -997 },
];
for (const { name, resources, want } of memories)
  test(`out of memory: a container that ${name} has the adjustment ${want}`, () => {
    const spec = { name: 'c0', resources };
    const node = { memoryBytes: gibibyte, cgroupVersion: 1 } as const;
    assert.equal(containerResources(podOf([resources]), { name: 'c0', role: 'main', spec }, node).oomScoreAdj, want);
  });

test('shares become weights', () => {
  assert.deepEqual([2, 1024, 262_144].map(weightOf), [1, 39, 10_000]);
});

test('the machine says which version it has', () => {
  const old =
    '32 31 0:29 / /c/cpu rw - cgroup cgroup rw,cpu\n35 31 0:32 / /c/memory rw - cgroup cgroup rw,memory\n41 31 0:38 / /c/u rw - cgroup2 cgroup2 rw';
  assert.equal(cgroupTree(old).version, 1);
  assert.equal(cgroupTree('41 31 0:38 / /c rw - cgroup2 cgroup2 rw').version, 2);
  assert.throws(() => cgroupTree('1 1 0:1 / / rw - ext4 /dev/vda rw'), /no control groups are mounted/);
});

test('on version 1 a group is made in the tree of every controller', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cgroups-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const line = (name: string) => `1 1 0:1 / ${folder}/${name} rw - cgroup cgroup rw,${name}`;
  const tree = cgroupTree([line('cpu'), line('memory'), line('pids')].join('\n'));
  await tree.create('/k/pod1');
  await tree.limit('/k/pod1', { cpuShares: 512, cpuQuota: 5000, memoryBytes: 1024 });
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  assert.deepEqual(
    ['cpu/k/pod1/cpu.shares', 'cpu/k/pod1/cpu.cfs_quota_us', 'memory/k/pod1/memory.limit_in_bytes'].map(read),
    ['512', '5000', '1024'],
  );
  await tree.create('/k/pod2/below');
  assert.deepEqual(await tree.children('/k'), ['pod1', 'pod2']);
  await tree.remove('/k/pod2');
  await tree.remove('/k/pod2');
  assert.deepEqual(await tree.children('/k'), ['pod1']);
});

function podOf(resources: ResourceRequirements[], uid = 'u1'): Pod {
  const containers = resources.map((one, index) => ({
    name: `c${index}`,
    resources: one.limits === undefined ? one : { ...one, requests: { ...one.limits, ...one.requests } },
  }));
  return { metadata: { name: 'p', namespace: 'd', uid }, spec: { containers } };
}

function recordingTree(): { tree: CgroupTree; groups: Map<string, CgroupLimits> } {
  const groups = new Map<string, CgroupLimits>();
  const tree: CgroupTree = {
    version: 1,
    create: async (path) => void (groups.has(path) || groups.set(path, {})),
    limit: async (path, limits) => void groups.set(path, { ...groups.get(path), ...limits }),
    remove: async (path) => void groups.delete(path),
    children: async (path) =>
      [...groups.keys()].flatMap((one) =>
        one.startsWith(`${path}/`) ? [one.slice(path.length + 1).split('/')[0]!] : [],
      ),
    usage: async () => undefined,
  };
  return { tree, groups };
}
