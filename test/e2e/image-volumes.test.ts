import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { belongingsOfNode } from '../../src/local/belongings.ts';
import { requireCluster } from '../../src/local/cluster-config.ts';
import { gatewayOf } from '../../src/local/network-plan.ts';
import { nodePaths } from '../../src/local/paths.ts';
import { processesOf } from '../../src/local/sweep.ts';
import { startImageRegistry, type ImageRegistry } from '../kit/image-registry.ts';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';
import { writeLayers } from './image.ts';
import { kubectls } from './kubectl-programs.ts';

const skip = await cannotRunClusters();
const image = 'kubeling-test/busybox:1';
const host = 'registry.test';
const name = 'images';

describe('images as volumes of a real cluster', { skip }, () => {
  const line = openCommandLine();
  const { home, must, kubectl, until } = line;
  const { kubelet, containerdSocket, registries } = nodePaths(home, name, 'control-plane');
  let registry: ImageRegistry | undefined;
  after(async () => {
    await line[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });

  before(async () => {
    await must('up', '--name', name, '--no-install');
    const programs = join(home.data, 'busybox.tar');
    writeBusyboxImage(programs, image);
    await must('image', 'load', programs, '--name', name);
    const data = join(home.data, 'data.tar');
    const tool = { path: 'bin/tool', content: Buffer.from('#!/bin/sh\necho ran\n'), mode: 0o755 };
    const text = (path: string, content: string) => ({ path, content: Buffer.from(content) });
    writeLayers(data, `${host}/data:1`, {}, [
      [{ path: 'bin/' }, { path: 'etc/' }, tool, text('etc/name', 'lower\n'), text('etc/kept', 'kept\n')],
      [text('etc/name', 'upper\n'), { path: 'outside', target: '/etc' }],
    ]);
    const { ranges } = await requireCluster(home, name);
    registry = await startImageRegistry(data, gatewayOf(ranges.nodes));
    await registry.mirror(registries, [host]);
  });

  async function run(podName: string, reference: string, mount: object = {}): Promise<void> {
    const volumeMounts = [{ name: 'data', mountPath: '/data', ...mount }];
    const spec = {
      terminationGracePeriodSeconds: 0,
      securityContext: { fsGroup: 2000 },
      containers: [{ name: 'app', image, volumeMounts }],
      volumes: [{ name: 'data', image: { reference, pullPolicy: 'Always' } }],
    };
    const file = join(home.data, 'pod.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: podName }, spec }));
    await kubectl('apply', '-f', file);
  }
  const ready = (podName: string) => kubectl('wait', '--for=condition=Ready', `pod/${podName}`, '--timeout=90s');
  const inside = (podName: string, ...command: string[]) =>
    line.run(kubectls().at(-1)!, ['exec', podName, '--', ...command]);
  const waiting = (podName: string) =>
    kubectl('get', 'pod', podName, '-o', 'jsonpath={.status.containerStatuses[0].state.waiting}');
  const snapshots = async () =>
    (await line.run('ctr', ['--address', containerdSocket, '--namespace', 'k8s.io', 'snapshots', 'list'])).stdout;
  async function agentPid(): Promise<number> {
    const cluster = await requireCluster(home, name);
    const all = await processesOf(belongingsOfNode(home, cluster, cluster.nodes[0]!));
    return all.find(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0agent\0'))!.pid;
  }
  const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8');

  test('a container reads what is in it, and can neither change nor run anything there', async () => {
    await run('reader', `${host}/data:1`);
    await ready('reader');
    assert.deepEqual(registry!.pulled, ['data:1']);
    assert.equal((await inside('reader', 'cat', '/data/etc/name', '/data/etc/kept')).stdout, 'upper\nkept\n');
    assert.match((await inside('reader', 'sh', '-c', 'echo more > /data/etc/more')).stderr, /Read-only file system/);
    assert.match((await inside('reader', '/data/bin/tool')).stderr, /permission denied/i);
  });

  test('a container sees a folder of it, and one that is not there or leads out keeps it waiting', async () => {
    await run('part', `${host}/data:1`, { subPath: 'etc' });
    await ready('part');
    assert.equal((await inside('part', 'cat', '/data/name')).stdout, 'upper\n');
    for (const [podName, subPath] of [
      ['absent', 'none'],
      ['outside', 'outside'],
    ] as const) {
      await run(podName, `${host}/data:1`, { subPath });
      await until(`${podName} is refused`, async () => /CreateContainerError/.test(await waiting(podName)));
    }
  });

  test('an image that nobody has keeps its container waiting', async () => {
    await run('typo', `${host}/data:2`);
    await until('it is told', async () => /ImagePullBackOff/.test(await waiting('typo')));
  });

  test('it is there without its image, and nothing of it after its pod, though the agent was killed', async () => {
    const uid = await kubectl('get', 'pod', 'reader', '-o', 'jsonpath={.metadata.uid}');
    await line.run('ctr', ['--address', containerdSocket, '--namespace', 'k8s.io', 'images', 'rm', `${host}/data:1`]);
    assert.match(await snapshots(), new RegExp(`kubeling/volumes/${uid}/data`));
    process.kill(await agentPid(), 'SIGKILL');
    await kubectl('delete', 'pod', 'reader', 'part', 'absent', 'outside', 'typo', '--timeout=90s');
    await until('nothing is left', async () => !/kubeling\/volumes/.test(await snapshots()));
    assert.ok(!mounts().includes(uid));
    assert.ok(!existsSync(join(kubelet, 'pods', uid, 'volumes')));
  });
});
