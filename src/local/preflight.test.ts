import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cgroupMounts, cgroupVersion } from './cgroups.ts';
import { mayLowerOomScore, parseContainerdVersion } from './containerd.ts';
import { judge, type MachineFacts } from './preflight.ts';

const good: MachineFacts = {
  platform: 'linux',
  architecture: 'x64',
  isRoot: true,
  cgroups: '2',
  namespaces: true,
  missingPrograms: [],
  hasCniPlugins: true,
  hasNginxLua: true,
  containerd: { major: 1, minor: 6, text: '1.6.20' },
  hasApt: true,
};

const rows: { name: string; facts: Partial<MachineFacts>; problem?: RegExp; packages?: string[] }[] = [
  { name: 'that has everything', facts: {} },
  { name: 'of another system', facts: { platform: 'darwin' }, problem: /Linux/ },
  { name: 'with another processor', facts: { architecture: 'riscv64' }, problem: /x64 or arm64/ },
  { name: 'without root', facts: { isRoot: false, missingPrograms: ['nft'] }, problem: /sudo/ },
  { name: 'without cgroups', facts: { cgroups: undefined }, problem: /cgroup/ },
  { name: 'that allows no namespaces', facts: { namespaces: 'Operation not permitted' }, problem: /CAP_SYS_ADMIN/ },
  {
    name: 'with an old containerd',
    facts: { containerd: { major: 1, minor: 4, text: '1.4.13' } },
    problem: /1\.4\.13.*1\.6 or newer/,
  },
  {
    name: 'that lacks programs and can install them',
    facts: {
      missingPrograms: ['containerd', 'ctr', 'nft', 'nginx'],
      hasCniPlugins: false,
      hasNginxLua: false,
      containerd: undefined,
    },
    packages: ['containerd', 'nftables', 'nginx', 'containernetworking-plugins', 'libnginx-mod-http-lua'],
  },
  {
    name: 'that lacks programs and cannot install them',
    facts: { missingPrograms: ['runc'], hasCniPlugins: false, hasApt: false },
    problem: /not installed: runc, the CNI plugins.*\/opt\/cni\/bin/,
  },
];
for (const { name, facts, problem, packages = [] } of rows)
  test(`a machine ${name}`, () => {
    const verdict = judge({ ...good, ...facts });
    assert.deepEqual(verdict.packages, packages);
    const texts = verdict.problems.map(({ what, remedy }) => `${what}: ${remedy}`);
    if (problem === undefined) assert.deepEqual(texts, []);
    else assert.match(texts.join('\n'), problem);
  });

test('versions of containerd are read from what each distribution prints', () => {
  const read = (text: string): string => parseContainerdVersion(text).text;
  assert.equal(read('containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3'), '1.6.20~ds1');
  assert.equal(read('containerd containerd.io 1.7.25 bcc810d6b9066471b0b6fa75f557a15a1cbf31bb'), '1.7.25');
  assert.equal(parseContainerdVersion('containerd github.com/containerd/containerd/v2 v2.2.0 1c4457e').major, 2);
  assert.throws(() => parseContainerdVersion('segmentation fault'), /Cannot read the version/);
});

test('the right to lower oom_score_adj is read from the effective capabilities', () => {
  assert.equal(mayLowerOomScore('CapEff:\t000001ffffffffff\n'), true);
  assert.equal(mayLowerOomScore('CapPrm:\t000001ffffffffff\nCapEff:\t000001fffeffffff\n'), false);
});

test('the version of cgroups goes by what is mounted', () => {
  const old = '30 29 0:26 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu';
  const unified = '31 29 0:27 / /sys/fs/cgroup/unified rw,relatime shared:5 - cgroup2 cgroup2 rw';
  assert.equal(cgroupVersion(old), '1');
  assert.equal(cgroupVersion(unified), '2');
  assert.equal(cgroupVersion(`${old}\n${unified}`), 'hybrid');
  assert.equal(cgroupVersion(''), undefined);
  assert.deepEqual(cgroupMounts(unified), [{ path: '/sys/fs/cgroup/unified', unified: true, controllers: [] }]);
});
