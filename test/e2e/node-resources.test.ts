import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cgroupMounts } from '../../src/local/cgroups.ts';
import { cgroupOfNode } from '../../src/local/cluster-config.ts';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';

const skip = await cannotRunClusters();
const image = 'kubeling-test/busybox:1';
const mebibyte = 2 ** 20;

describe('a cluster of two nodes with a processor and 1 GiB each', { skip }, () => {
  const { home, must, kubectl, until, [Symbol.asyncDispose]: close } = openCommandLine();
  after(close);
  before(async () => {
    await must('start', '-p', 'small', '--cpus=1', '--memory=1024', '--nodes', '2', '--driver=docker');
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, image);
    await must('image', 'load', archive, '--name', 'small');
  });

  test('nodes show what they have', async () => {
    const shown = '{range .items[*]}{.status.capacity.cpu} {.status.capacity.memory}{"\\n"}{end}';
    assert.equal(await kubectl('get', 'nodes', '-o', `jsonpath=${shown}`), '1 1Gi\n1 1Gi\n');
  });

  /** The text of the node's first file of these. */
  function ofNode(node: string, files: readonly string[]): string {
    const group = cgroupOfNode(home, 'small', node);
    for (const { path } of cgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8')))
      for (const file of files)
        try {
          return readFileSync(join(path, group, file), 'utf8').trim();
        } catch {
          continue; // another hierarchy has the controller
        }
    return assert.fail(`none of ${files.join(', ')} is there`);
  }

  test('a group around the node keeps it to that, its own programs included', () => {
    for (const node of ['control-plane', 'worker']) {
      assert.equal(ofNode(node, ['memory.max', 'memory.limit_in_bytes']), `${1024 * mebibyte}`);
      assert.match(ofNode(node, ['cpu.max', 'cpu.cfs_quota_us']), /^100000\b/);
      for (const program of node === 'worker' ? ['agent', 'containerd'] : ['agent', 'containerd', 'server'])
        assert.notEqual(ofNode(node, [`programs/${program}/cgroup.procs`]), '');
    }
  });

  test('the scheduler counts with it, and says what is missing', async () => {
    const pod = (name: string, cpu: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { containers: [{ name: 'c', image, command: ['sleep', '1000'], resources: { requests: { cpu } } }] },
    });
    await until('service account', async () => (await kubectl('get', 'serviceaccount', 'default')) !== '');
    for (const [name, cpu] of [
      ['fits', '600m'],
      ['waits', '600m'],
    ] as const) {
      const file = join(home.data, `${name}.json`);
      writeFileSync(file, JSON.stringify(pod(name, cpu)));
      await kubectl('apply', '-f', file);
    }
    await kubectl('wait', '--for=condition=Ready', 'pod/fits', '--timeout=60s');
    await until('the refusal', async () =>
      /Insufficient cpu/.test(await kubectl('get', 'pod', 'waits', '-o', 'jsonpath={.status.conditions[*].message}')),
    );
  });
});
