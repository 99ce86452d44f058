import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts';
import { clusterPaths, nodePaths } from '../../src/local/paths.ts';
import { listProcesses, type RunningProcess } from '../../src/base/node/processes.ts';
import { readRecords } from '../../src/local/supervisor.ts';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';
import { leftovers } from './leftovers.ts';

const skip = await cannotRunClusters();
const image = 'kubeling-test/busybox:1';

describe('clusters on this machine', { skip }, () => {
  const line = openCommandLine();
  const { home, kubeconfig, program, env, run, kubeling, kubectl, until, isRunning } = line;
  after(() => line[Symbol.asyncDispose]());

  async function pids(cluster: string, kind: string): Promise<number[]> {
    const paths = clusterPaths(home, cluster);
    const belongs: Record<string, (process: RunningProcess) => boolean> = {
      supervisor: ({ commandLine }) => commandLine.includes('supervisor') && commandLine.includes(paths.config),
      nginx: ({ commandLine, folder }) => commandLine[0]!.startsWith('nginx: master') && folder.startsWith(paths.run),
    };
    if (kind in belongs) return (await listProcesses()).filter(belongs[kind]!).map(({ pid }) => pid);
    return (await readRecords(paths.processes)).filter(({ name }) => name.startsWith(kind)).map(({ pid }) => pid);
  }
  const startOf = async (pod: string): Promise<string> =>
    await kubectl(
      'get',
      'pod',
      pod,
      '-o',
      'jsonpath={.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}',
    );

  test('up makes a cluster with a ready node, and the kubeconfig speaks to it', async () => {
    const { code, stderr } = await kubeling('up', '--name', 'one', '--no-install');
    assert.equal(code, 0, stderr);
    assert.equal((await readKubeconfig(kubeconfig))?.['current-context'], 'kubeling-one');
    assert.match(await kubectl('get', 'nodes', '--no-headers'), /^one-control-plane +Ready +control-plane /);
    assert.match((await kubeling('list')).stdout, /^one +running +1 +https:/m);
  });

  test('a taken name is refused where a new cluster is asked for, and nothing happens to the one that is there', async () => {
    const { code, stderr } = await kubeling('create', 'cluster', '--name', 'one');
    assert.deepEqual([code, /there is one of this name already/.test(stderr)], [1, true]);
    const other = await kubeling('up', '--name', 'one', '--nodes', '2');
    assert.deepEqual([other.code, /it has one node, and 2 are asked for/.test(other.stderr)], [1, true]);
    assert.ok(await isRunning('one'));
  });

  for (const [command, ...flags] of [['up'], ['up', '--nodes', '1'], ['start']])
    test(`${[command, ...flags].join(' ')} on a running cluster writes its context`, async () => {
      rmSync(kubeconfig); // as an `up` that was killed leaves it
      const { code, stdout, stderr } = await kubeling(command!, '--name', 'one', ...flags);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^Cluster "one" was running already/m);
      assert.equal((await readKubeconfig(kubeconfig))?.['current-context'], 'kubeling-one');
    });

  test('words of kind and minikube are understood, with their exit codes', async () => {
    assert.deepEqual(await kubeling('get', 'clusters'), { code: 0, stdout: 'one\n', stderr: '' });
    rmSync(kubeconfig);
    assert.equal((await kubeling('export', 'kubeconfig', '--name', 'one')).code, 0);
    const nodes = await kubeling('kubectl', '-p', 'one', '--', 'get', 'nodes', '-o', 'name');
    assert.deepEqual([nodes.code, nodes.stdout], [0, 'node/one-control-plane\n'], nodes.stderr);
    assert.equal((await kubeling('kubectl', '--name', 'one', 'get', 'node', 'none')).code, 1);
    assert.match((await kubeling('ip', '-p', 'one')).stdout, /^\d+\.\d+\.\d+\.\d+\n$/);
    assert.equal((await kubeling('addons', 'enable', 'ingress')).code, 0);
    assert.equal((await kubeling('delete', 'cluster', '--name', 'none')).code, 0);
    const image = await kubeling('load', 'docker-image', 'kubeling-test/none:1', '--name', 'one');
    assert.deepEqual(
      [image.code, /Cannot take image "kubeling-test\/none:1" from Docker/.test(image.stderr)],
      [1, true],
    );
  });

  test('images are loaded and listed, and a pod runs one', async () => {
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, image);
    const loaded = await kubeling('image', 'load', archive, '--name', 'one');
    assert.deepEqual([loaded.code, loaded.stdout], [0, `Loaded docker.io/${image}\n`], loaded.stderr);
    assert.match((await kubeling('image', 'list', '--name', 'one')).stdout, /docker\.io\/kubeling-test\/busybox:1/);
    const bad = await kubeling('image', 'load', program, '--name', 'one');
    assert.deepEqual([bad.code, /no image archive/.test(bad.stderr)], [1, true]);
    await until('the default service account', async () => (await kubectl('get', 'serviceaccount', 'default')) !== '');
    await kubectl('run', 'web', `--image=${image}`, '--command', '--', 'sleep', '1000000');
    await kubectl('wait', '--for=condition=Ready', 'pod/web', '--timeout=60s');
  });

  test('a long log of a container is rotated, and goes on', async () => {
    const inLog = (script: string): Promise<string> =>
      kubectl('exec', 'web', '--', 'sh', '-c', `{ ${script}; } > /proc/1/fd/1`);
    await inLog('head -c 11000000 /dev/zero; echo');
    const folder = nodePaths(home, 'one', 'control-plane').podLogs;
    await until('the rotation', async () =>
      (await readdir(folder, { recursive: true })).some((name) => /_web_.*\/web\/0\.log\.\d+-\d+$/.test(name)),
    );
    await inLog('echo after it');
    await until('the line after it', async () => (await kubectl('logs', 'web', '--tail=1')) === 'after it\n');
  });

  const programs = ['server', 'agent', 'supervisor', 'containerd', 'nginx'];
  for (const kinds of [...programs.map((one) => [one]), ['server', 'agent', 'supervisor'], programs])
    test(`after ${kinds.join(', ')} died, the container runs on and the cluster comes back`, async () => {
      const before = await startOf('web');
      const victims = (await Promise.all(kinds.map((kind) => pids('one', kind)))).flat();
      assert.ok(victims.length >= kinds.length);
      for (const pid of victims) process.kill(pid, 'SIGKILL');
      await until('new processes', async () => {
        const now = (await Promise.all(kinds.map((kind) => pids('one', kind)))).flat();
        return now.length >= kinds.length && !now.some((pid) => victims.includes(pid));
      });
      await until('the cluster', () => isRunning('one'));
      assert.equal(await startOf('web'), before);
      await until('exec', async () => (await kubectl('exec', 'web', '--', 'echo', 'fine')) === 'fine\n');
    });

  test('a second cluster stands beside the first, and its end does not touch it', async () => {
    const { code, stderr } = await kubeling('up', '--name', 'two');
    assert.equal(code, 0, stderr);
    assert.match(
      await kubectl('--context', 'kubeling-two', 'get', 'nodes', '--no-headers'),
      /^two-control-plane +Ready/,
    );
    assert.equal((await kubeling('down', '--name', 'two')).code, 0);
    assert.deepEqual(await leftovers(home, 'two'), []);
    assert.match(await kubectl('--context', 'kubeling-one', 'get', 'pod', 'web', '--no-headers'), /Running/);
  });

  test('down leaves nothing behind', async () => {
    assert.equal((await kubeling('down', '--name', 'one')).code, 0);
    assert.deepEqual(await leftovers(home, 'one'), []);
    const config = await readKubeconfig(kubeconfig);
    assert.deepEqual([config?.clusters, config?.users, config?.contexts], [[], [], []]);
    assert.equal(existsSync(join(home.data, 'clusters')), false);
  });

  test('half a cluster is refused by up and removed by down', async () => {
    mkdirSync(clusterPaths(home, 'half').data, { recursive: true });
    writeFileSync(join(clusterPaths(home, 'half').data, 'something'), '');
    const { code, stderr } = await kubeling('up', '--name', 'half');
    assert.deepEqual([code, /half-made/.test(stderr)], [1, true]);
    assert.equal((await kubeling('down', '--name', 'half')).code, 0);
    assert.deepEqual(await leftovers(home, 'half'), []);
  });

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    test(`an up that gets ${signal} takes back what it made`, async () => {
      const child = spawn(process.execPath, [program, 'up', '--name', 'two'], {
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('Start the programs')) child.kill(signal);
      });
      const [code] = await once(child, 'close');
      assert.equal(code, exitCode);
      assert.deepEqual(await leftovers(home, 'two'), []);
    });

  test('an up that is killed leaves a cluster, which start brings to its end', async () => {
    const child = spawn(process.execPath, [program, 'up', '--name', 'two'], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('Start the programs')) child.kill('SIGKILL');
    });
    await once(child, 'close');
    assert.equal((await readKubeconfig(kubeconfig))?.['current-context'], '');
    const { code, stderr } = await kubeling('start', '--name', 'two');
    assert.equal(code, 0, stderr);
    assert.equal((await readKubeconfig(kubeconfig))?.['current-context'], 'kubeling-two');
    assert.match(await kubectl('get', 'nodes', '--no-headers'), /^two-control-plane +Ready +control-plane /);
    assert.equal((await kubeling('down', '--name', 'two')).code, 0);
  });

  const refusals: [string[], number, RegExp][] = [
    [['up', '--no-such-flag'], 2, /unknown option '--no-such-flag'/],
    [['up', '--name', 'Bad_Name'], 2, /lower case letters/],
    [['down', '--name', 'none'], 1, /there is none of this name/],
    [['status', '--name', 'none'], 1, /Cannot find cluster "none"/],
    [['kubeconfig', '--name', 'none'], 1, /Cannot find cluster "none"/],
    [['image', 'load', '--name', 'none', 'a.tar'], 1, /Cannot find cluster "none"/],
    [['no-such-command'], 2, /unknown command/],
    [['up', '--cpus', '4000'], 1, /node 1: cpu must be from 0.1 to the \d+ of this machine, and is 4000/],
    [['up', '--memory', 'much'], 2, /It must be a number of MiB/],
    [['up', '--config', '/nonexist'], 1, /Cannot read configuration "\/nonexist": there is no such file or folder/],
    [['docker-env'], 14, /kubeling image load --docker/],
  ];
  for (const [args, code, message] of refusals)
    test(`kubeling ${args.join(' ')} is refused`, async () => {
      const answer = await kubeling(...args);
      assert.equal(answer.code, code);
      assert.match(answer.stderr, message);
      assert.equal(answer.stdout, '');
    });

  for (const words of ['up --name two', 'list', 'status'])
    test(`without root ${words} says what to do, and makes nothing`, async () => {
      const args = ['--reuid=65534', '--clear-groups', process.execPath, program, ...words.split(' ')];
      const { code, stderr } = await run('setpriv', args);
      assert.deepEqual([code, /root.*sudo/.test(stderr)], [1, true], stderr);
      assert.deepEqual(await leftovers(home, 'two'), []);
    });

  test('without rights to the kubeconfig the dashboard says so', async () => {
    writeFileSync(kubeconfig, '', { mode: 0o600 });
    const args = ['--reuid=65534', '--clear-groups', process.execPath, program, 'dashboard', '--no-open'];
    const { code, stderr } = await run('setpriv', args);
    assert.deepEqual(
      [code, stderr.includes(`Cannot read kubeconfig "${kubeconfig}": you have no right to`)],
      [1, true],
      stderr,
    );
  });
});
