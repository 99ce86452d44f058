import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerdConfig, networkTemplate, type ContainerdSettings } from './containerd-config.ts';

const settings: ContainerdSettings = {
  major: 1,
  minor: 6,
  root: '/data/containerd',
  state: '/run/c',
  socket: '/run/c.sock',
  cniBinaries: '/usr/lib/cni',
  cniConfig: '/run/cni',
  cniTemplate: '/data/template',
  registries: '/data/registries',
  runcState: '/run/runc',
  snapshotter: 'overlayfs',
  restrictOomScore: true,
};

test('the form is that of the version', () => {
  const one = containerdConfig(settings);
  assert.match(one, /^version = 2$/m);
  assert.match(one, /^\[plugins\."io\.containerd\.grpc\.v1\.cri"\.cni\]$/m);
  assert.match(one, /^ {2}sandbox_image = "localhost\/kubeling\/pause:1"$/m);
  const two = containerdConfig({ ...settings, major: 2, minor: 2 });
  assert.match(two, /^version = 3$/m);
  assert.match(two, /^\[plugins\."io\.containerd\.cri\.v1\.runtime"\.cni\]$/m);
  assert.match(two, /^ {2}sandbox = "localhost\/kubeling\/pause:1"$/m);
  assert.match(two, /^ {2}bin_dirs = \["\/usr\/lib\/cni"\]$/m);
  assert.match(containerdConfig({ ...settings, major: 2, minor: 0 }), /^ {2}bin_dir = "\/usr\/lib\/cni"$/m);
});

test('nothing is shared with another containerd of the machine', () => {
  for (const major of [1, 2]) {
    const text = containerdConfig({ ...settings, major });
    assert.match(text, /^root = "\/data\/containerd"$/m);
    assert.match(text, /^state = "\/run\/c"$/m);
    assert.match(text, /^ {2}Root = "\/run\/runc"$/m);
    assert.match(text, /^ {2}netns_mounts_under_state_dir = true$/m);
    assert.match(text, /disabled_plugins = .*io\.containerd\.internal\.v1\.opt/);
  }
});

test('the registries of the cluster come before those of the machine', () => {
  for (const major of [1, 2]) {
    const text = containerdConfig({ ...settings, major });
    assert.match(text, /^ {2}config_path = "\/data\/registries:\/etc\/containerd\/certs\.d"$/m);
  }
});

test('no table is written twice', () => {
  for (const major of [1, 2]) {
    const tables = containerdConfig({ ...settings, major }).match(/^\[.*\]$/gm)!;
    assert.equal(new Set(tables).size, tables.length);
  }
});

test('oom scores are restricted only where they must be', () => {
  assert.match(containerdConfig(settings), /restrict_oom_score_adj = true/);
  assert.match(containerdConfig({ ...settings, restrictOomScore: false }), /restrict_oom_score_adj = false/);
});

test('the template of the network becomes JSON when its pod range is filled in', () => {
  const text = networkTemplate('/run/addresses').replace('{{.PodCIDR}}', '10.244.0.0/24');
  const { plugins } = JSON.parse(text);
  assert.equal(plugins[0].type, 'ptp');
  assert.deepEqual(plugins[0].ipam.ranges, [[{ subnet: '10.244.0.0/24' }]]);
});
