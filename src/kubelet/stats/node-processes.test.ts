import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NodeProcesses } from './node-processes.ts';

interface Process {
  readonly network?: string;
  readonly cgroup?: string;
  readonly ticks: number;
}

test('the processes of a node are those of its network that are in none of its pods', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'node-processes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const remove = (pid: string) => rmSync(join(folder, pid), { recursive: true, force: true });
  const put = (pid: string, { network = 'net:[1]', cgroup = '/', ticks }: Process) => {
    remove(pid);
    mkdirSync(join(folder, pid, 'ns'), { recursive: true });
    symlinkSync(network, join(folder, pid, 'ns/net'));
    writeFileSync(join(folder, pid, 'cgroup'), `4:memory:${cgroup}\n0::/\n`);
    const after = ['S', 1, 1, 1, 0, -1, 0, 0, 0, 0, 0, ticks - 1, 1, 0, 0, 20, 0, 1, 0, 100];
    writeFileSync(join(folder, pid, 'stat'), `${pid} (a (b) c) ${after.join(' ')}\n`);
    const memory = 'VmRSS:\t    10 kB\nRssAnon:\t     4 kB\nRssFile:\t     5 kB\nRssShmem:\t     1 kB\n';
    writeFileSync(join(folder, pid, 'status'), `Name:\tx\n${memory}`);
  };
  put('self', { ticks: 0 });
  put('1', { network: 'net:[0]', ticks: 1000 });
  put('2', { ticks: 5 });
  put('3', { cgroup: '/kubeling/dev/worker/programs/agent', ticks: 7 });
  put('4', { cgroup: '/kubeling/dev/worker/kubepods/besteffort/podx/y', ticks: 500 });
  mkdirSync(join(folder, '5'));
  const processes = new NodeProcesses({ cgroupRoot: '/kubeling/dev/worker', folder });
  const cpu = async () => (await processes.usage()).cpuNanoSeconds / 10_000_000;

  const kib = 1024;
  assert.deepEqual(await processes.usage(), {
    cpuNanoSeconds: 120_000_000,
    memoryBytes: 20 * kib,
    workingSetBytes: 10 * kib,
    rssBytes: 8 * kib,
  });
  put('2', { ticks: 6 });
  assert.equal(await cpu(), 13);
  remove('3');
  assert.equal(await cpu(), 13, 'what has ended stays counted');
  put('6', { ticks: 2 });
  assert.equal(await cpu(), 15);
});

test('this very process is one of its own node', async () => {
  const { cpuNanoSeconds, workingSetBytes, memoryBytes } = await new NodeProcesses({ cgroupRoot: '/none' }).usage();
  assert.ok(cpuNanoSeconds > 0 && workingSetBytes > 1e6 && memoryBytes >= workingSetBytes);
});
