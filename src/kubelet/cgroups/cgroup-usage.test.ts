import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cgroupTree } from './cgroup-tree.ts';
import { sumOf, usageFromVersion1, usageFromVersion2, type ProcessUsage } from './cgroup-usage.ts';

const oldStat = 'rss 1\ntotal_rss 300\ntotal_inactive_file 1000\ntotal_pgfault 7\ntotal_pgmajfault 2\n';
const newStat = 'anon 300\nfile 2000\ninactive_file 1000\npgfault 7\npgmajfault 2\n';
const used: ProcessUsage = {
  cpuNanoSeconds: 1_500_000,
  memoryBytes: 5000,
  workingSetBytes: 4000,
  rssBytes: 300,
  pageFaults: 7,
  majorPageFaults: 2,
};

const rows: { name: string; usage: ProcessUsage; want: ProcessUsage }[] = [
  {
    name: 'version 1 counts the groups below too, and knows no limit as a large one',
    usage: usageFromVersion1(['1500000\n'], ['5000\n', oldStat, '9223372036854771712\n']),
    want: used,
  },
  {
    name: 'version 1 with a limit',
    usage: usageFromVersion1(['1500000\n'], ['5000\n', oldStat, '8192\n']),
    want: { ...used, memoryLimitBytes: 8192 },
  },
  {
    name: 'version 2 counts microseconds',
    usage: usageFromVersion2(['usage_usec 1500\nuser_usec 1000\n'], ['5000\n', newStat, 'max\n']),
    want: used,
  },
  {
    name: 'version 2 with a limit',
    usage: usageFromVersion2(['usage_usec 1500\n'], ['5000\n', newStat, '8192\n']),
    want: { ...used, memoryLimitBytes: 8192 },
  },
  {
    name: 'more inactive files than use leave no working set',
    usage: usageFromVersion2(['usage_usec 1500\n'], ['500\n', newStat, 'max\n']),
    want: { ...used, memoryBytes: 500, workingSetBytes: 0 },
  },
  {
    name: 'sums leave out what does not add up',
    usage: sumOf({ ...used, memoryLimitBytes: 1 }, used),
    want: { cpuNanoSeconds: 3_000_000, memoryBytes: 10_000, workingSetBytes: 8000, rssBytes: 600 },
  },
];
for (const { name, usage, want } of rows) test(`use: ${name}`, () => assert.deepEqual(usage, want));

test('a tree reads the files of its version, and a group that is not there has no use', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cgroup-usage-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const files: Record<string, string> = {
    'cpuacct/k/cpuacct.usage': '1500000',
    'memory/k/memory.usage_in_bytes': '5000',
    'memory/k/memory.stat': oldStat,
    'memory/k/memory.limit_in_bytes': '9223372036854771712',
    'unified/k/cpu.stat': 'usage_usec 1500',
    'unified/k/memory.current': '5000',
    'unified/k/memory.stat': newStat,
    'unified/k/memory.max': 'max',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const mount = (name: string) => `1 1 0:1 / ${folder}/${name} rw - cgroup cgroup rw,${name}`;
  for (const mounts of [
    [mount('cpuacct'), mount('memory')].join('\n'),
    `1 1 0:1 / ${folder}/unified rw - cgroup2 cgroup2 rw`,
  ]) {
    const tree = cgroupTree(mounts);
    assert.deepEqual(await tree.usage('/k'), used);
    assert.equal(await tree.usage('/gone'), undefined);
  }
});
