import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { makeCgroup, removeEmptied, type CgroupBounds } from './cgroups.ts';

const mount = (folder: string, type: string, options: string) =>
  `1 2 0:1 / ${folder} rw - ${type} ${type} rw,${options}`;

test('a group is bounded in the hierarchies that have the controllers, and on the way there every group hands them on', async () => {
  const root = mkdtempSync(join(tmpdir(), 'cgroups-'));
  const [memory, cpu, unified] = ['memory', 'cpu', 'unified'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [memory, cpu, unified]) mkdirSync(folder);
  const old = [mount(memory, 'cgroup', 'memory'), mount(cpu, 'cgroup', 'cpu,cpuacct')];
  const all = [...old, mount(unified, 'cgroup2', 'nsdelegate')];
  const read = (folder: string, file: string): string => readFileSync(join(folder, file), 'utf8');
  const make = (mounts: readonly string[], ...how: [bounds: CgroupBounds, controllers?: ('memory' | 'cpu')[]]) =>
    makeCgroup(mounts.join('\n'), '/kubeling/dev', ...how);
  try {
    assert.deepEqual(await make(all, { memoryBytes: 4096 }), [join(memory, 'kubeling/dev')]);
    assert.equal(read(join(memory, 'kubeling/dev'), 'memory.limit_in_bytes'), '4096');
    const both = await make(all, { memoryBytes: 8192, cpus: 1.5 });
    assert.deepEqual(both, [join(memory, 'kubeling/dev'), join(cpu, 'kubeling/dev')]);
    assert.equal(read(both[0]!, 'memory.limit_in_bytes'), '8192');
    assert.equal(read(both[1]!, 'cpu.cfs_quota_us'), '150000');
    const [one, ...others] = await make([all[2]!], { memoryBytes: 4096, cpus: 0.5 });
    assert.deepEqual([one, others], [join(unified, 'kubeling/dev'), []]);
    assert.deepEqual([read(one!, 'memory.max'), read(one!, 'cpu.max')], ['4096', '50000 100000']);
    for (const folder of [unified, join(unified, 'kubeling')])
      assert.equal(read(folder, 'cgroup.subtree_control'), '+cpu');
    const unbounded = await make(old, {}, ['memory', 'cpu']);
    assert.deepEqual(unbounded, both);
    await assert.rejects(make([], { memoryBytes: 4096 }), /no control groups are mounted/);
  } finally {
    rmSync(root, { recursive: true });
  }
});

const failing = (code: string): Error => Object.assign(new Error(code), { code });

test('a group that the kernel is still emptying is removed when it is empty', async () => {
  const clock = new VirtualClock();
  let left = 3;
  const removing = removeEmptied('/c', clock, async () => {
    if (left-- > 0) throw failing('EBUSY');
  });
  await clock.advance(30);
  await removing;
  assert.equal(left, -1);
  await removeEmptied('/gone', clock, () => Promise.reject(failing('ENOENT')));
  await assert.rejects(
    removeEmptied('/c', clock, () => Promise.reject(failing('EPERM'))),
    { code: 'EPERM' },
  );
});

test('a group in which something stays is told of', async () => {
  const clock = new VirtualClock();
  const removing = removeEmptied('/c', clock, () => Promise.reject(failing('EBUSY')));
  const refused = assert.rejects(removing, { message: 'Cannot remove cgroup "/c": something stays in it' });
  await clock.advance(10_000);
  await refused;
});
