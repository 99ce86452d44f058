import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { clusterNames, contextName, nameProblem, newCluster, nodeName, readCluster } from './cluster-config.ts';
import { specForNodes } from './cluster-spec.ts';
import { labelsForAgent, labelsOf } from './node-roles.ts';
import { chooseRanges } from './network-plan.ts';
import { clusterPaths, nodePaths, systemHome } from './paths.ts';
import {
  agentConfig,
  clusterPrograms,
  mallocSettings,
  nodeFlags,
  serverConfig,
  type SupervisedProgram,
} from './programs.ts';

for (const name of ['dev', 'a', 'my-cluster-2', 'x'.repeat(32)])
  test(`a cluster may be called ${name}`, () => assert.equal(nameProblem(name), undefined));
for (const name of ['', 'Dev', '-a', 'a-', 'a_b', 'a.b', '../etc', 'x'.repeat(33)])
  test(`a cluster may not be called "${name}"`, () => assert.match(nameProblem(name)!, /must/));

test('the default cluster has the short name', () => {
  assert.equal(contextName('kubeling'), 'kubeling');
  assert.equal(contextName('dev'), 'kubeling-dev');
  assert.equal(nodeName('dev', 'control-plane'), 'dev-control-plane');
});

test('the longest names leave room for unix sockets', () => {
  const { containerdSocket } = nodePaths(systemHome, 'x'.repeat(32), 'worker1000');
  assert.ok(`${containerdSocket}.ttrpc`.length < 108);
});

const found = { ranges: chooseRanges([]), ports: [], now: 0 };

test('clusters are found by their folders, half-made ones too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clusters-'));
  const home = { data: folder, run: join(folder, 'run') };
  try {
    assert.deepEqual(await clusterNames(home), []);
    const cluster = newCluster('whole', specForNodes(1), found);
    mkdirSync(clusterPaths(home, 'whole').data, { recursive: true });
    writeFileSync(clusterPaths(home, 'whole').config, JSON.stringify(cluster));
    mkdirSync(clusterPaths(home, 'half').run, { recursive: true });
    assert.deepEqual(await clusterNames(home), ['half', 'whole']);
    assert.deepEqual(await readCluster(home, 'whole'), cluster);
    assert.equal(await readCluster(home, 'half'), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a cluster runs a server, and for each node a containerd and an agent in its network', () => {
  const cluster = newCluster('dev', specForNodes(1), found);
  const programs = clusterPrograms(systemHome, cluster, { interpreter: 'node', script: 'cli.ts' });
  assert.deepEqual(
    programs.map(({ name }) => name),
    ['server', 'containerd/control-plane', 'agent/control-plane'],
  );
  const network = nodePaths(systemHome, 'dev', 'control-plane').networkNamespace;
  assert.ok(programs.every((program) => program.network === network));
  assert.deepEqual(programs[0]!.command, [
    'node',
    ...nodeFlags,
    '--max-old-space-size=4096',
    'cli.ts',
    'server',
    '--config',
    '/var/lib/kubeling/clusters/dev/server.json',
  ]);
  assert.deepEqual(programs.map(boundsOf), [
    [-997, 'control-plane/programs/server', 8, false],
    [-999, undefined, undefined, undefined],
    [-999, 'control-plane/programs/agent', 2, false],
  ]);
  assert.ok(programs[2]!.command.includes('--max-old-space-size=1024'));
  assert.equal(
    programs[2]!.command.findLast((word) => word.startsWith('--max-semi-space-size=')),
    '--max-semi-space-size=2',
  );
  const { host, nodeAddresses } = serverConfig(systemHome, cluster);
  assert.deepEqual([host, nodeAddresses], ['172.29.0.2', { 'dev-control-plane': '172.29.0.2' }]);
  const agent = agentConfig(systemHome, cluster, cluster.nodes[0]!, '/etc/resolv.conf');
  assert.deepEqual([agent.node, agent.address, agent.taints], ['dev-control-plane', '172.29.0.2', []]);
  assert.match(agent.cgroupRoot, /^\/kubeling\/dev-[0-9a-f]{8}\/control-plane$/);
});

function boundsOf({ bounds: { oomScoreAdj, cgroup, memoryBytes, sharesCpu } }: SupervisedProgram) {
  const group = cgroup?.replace(/^\/kubeling\/dev-[0-9a-f]{8}\//, '');
  return [oomScoreAdj, group, memoryBytes && memoryBytes / 2 ** 30, sharesCpu];
}

test('programs of a node that has less than the machine share it with its pods', () => {
  const resources = { cpus: 1, memoryBytes: 2 ** 30 };
  const cluster = newCluster('dev', { nodes: [{ role: 'control-plane', resources }] }, found);
  const programs = clusterPrograms(systemHome, cluster, { interpreter: 'node', script: 'cli.ts' });
  assert.deepEqual(programs.map(boundsOf), [
    [-997, 'control-plane/programs/server', 8, true],
    [-999, 'control-plane/programs/containerd', undefined, true],
    [-999, 'control-plane/programs/agent', 2, true],
  ]);
  assert.deepEqual(agentConfig(systemHome, cluster, cluster.nodes[0]!, '/etc/resolv.conf').capacity, resources);
});

test('the command line starts node as the programs of a cluster are started', () => {
  const script = readFileSync(join(import.meta.dirname, '../../kubeling'), 'utf8');
  assert.ok(script.includes(`exec "$node" ${nodeFlags.join(' ')} "$root/src/main/cli.ts"`));
  for (const [name, value] of Object.entries(mallocSettings)) assert.ok(script.includes(`\n${name}=${value}\n`), name);
  assert.ok(script.includes(`export ${Object.keys(mallocSettings).join(' ')}\n`));
});

test('further nodes are workers, and keep the control plane free', () => {
  const cluster = newCluster('dev', specForNodes(3), found);
  assert.deepEqual(
    cluster.nodes.map(({ name, role, address }) => [name, role, address]),
    [
      ['control-plane', 'control-plane', '172.29.0.2'],
      ['worker', 'worker', '172.29.0.3'],
      ['worker2', 'worker', '172.29.0.4'],
    ],
  );
  const taints = cluster.nodes.map((node) => agentConfig(systemHome, cluster, node, '/etc/resolv.conf').taints);
  assert.deepEqual(taints, [[{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }], [], []]);
});

test('a node registers with labels of its own, and those in the domains of Kubernetes are given to it', () => {
  const labels = { disk: 'ssd', 'example.com/zone': 'a', 'topology.kubernetes.io/zone': 'b', 'k8s.io/x': 'c' };
  const spec = { nodes: [{ role: 'control-plane', labels }] } as const;
  const [node] = newCluster('dev', spec, found).nodes;
  assert.deepEqual(labelsForAgent(node!), { disk: 'ssd', 'example.com/zone': 'a' });
  assert.deepEqual(labelsOf(node!), { ...labels, 'node-role.kubernetes.io/control-plane': '' });
});

for (const text of ['', '{"name": "dev"'])
  test(`a configuration that is ${text === '' ? 'empty' : 'cut off'} is told of with its file`, async () => {
    const data = mkdtempSync(join(tmpdir(), 'clusters-'));
    const home = { ...systemHome, data };
    const { config } = clusterPaths(home, 'dev');
    mkdirSync(join(config, '..'), { recursive: true });
    writeFileSync(config, text);
    await assert.rejects(readCluster(home, 'dev'), (error: Error) => {
      assert.ok(error.message.startsWith(`Cannot read cluster "dev": "${config}" is no JSON: `), error.message);
      return error.name === 'UserError';
    });
    rmSync(data, { recursive: true });
  });
