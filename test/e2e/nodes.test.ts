import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';
import { leftovers } from './leftovers.ts';

const skip = await cannotRunClusters();
const image = 'kubeling-test/busybox:1';
const name = 'three';

describe('a cluster of three nodes', { skip }, () => {
  const { home, kubeling, must, kubectl, until, [Symbol.asyncDispose]: close } = openCommandLine();
  after(close);
  const node = (short: string): string => `${name}-${short}`;
  const pods = ['control-plane', 'worker', 'worker2'];

  before(async () => {
    await must('up', '--name', name, '--nodes', '3', '--no-install');
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, image);
    await must('image', 'load', archive, '--name', name);
  });

  /** A pod on the node of the same name, which tells who asks the address that it sees. */
  async function runPod(on: string): Promise<void> {
    const peer = '#!/bin/sh\\necho Content-type: text/plain\\necho\\necho $REMOTE_ADDR\\n';
    const script = `mkdir -p /www/cgi-bin; cd /www/cgi-bin; printf '${peer}' > peer; chmod +x peer; exec httpd -f -p 8080 -h /www`;
    const command = ['sh', '-c', script];
    const spec = {
      nodeName: node(on),
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'web', image, command }],
      tolerations: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', tolerationSeconds: 1 }],
    };
    await kubectl('run', on, `--image=${image}`, `--overrides=${JSON.stringify({ spec })}`);
  }
  const addressOf = (pod: string) => kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.podIP}');

  test('has a control plane that is kept free, and two workers', async () => {
    const rows = (await kubectl('get', 'nodes', '--no-headers')).trim().split('\n');
    assert.deepEqual(
      rows.map((row) => row.split(/ +/).slice(0, 3)),
      [
        [node('control-plane'), 'Ready', 'control-plane'],
        [node('worker'), 'Ready', '<none>'],
        [node('worker2'), 'Ready', '<none>'],
      ],
    );
    const taints = 'jsonpath={.items[*].spec.taints[*].key}';
    assert.equal(await kubectl('get', 'nodes', '-o', taints), 'node-role.kubernetes.io/control-plane');
  });

  test('lets pods reach the pods of every node by their own address, and be known by it', async () => {
    await Promise.all(pods.map(runPod));
    await kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
    const addresses = await Promise.all(pods.map(addressOf));
    assert.equal(new Set(addresses.map((address) => address.split('.')[2])).size, 3);
    for (const from of pods)
      for (const [index, to] of pods.entries()) {
        const url = `http://${addresses[index]}:8080/cgi-bin/peer`;
        await until(`${from} reaches ${to}`, async () => {
          return (await kubectl('exec', from, '--', 'wget', '-qO-', url)).trim() === addresses[pods.indexOf(from)];
        });
      }
  });

  test('goes away without a trace', async () => {
    assert.equal((await kubeling('down', '--name', name)).code, 0);
    assert.deepEqual(await leftovers(home, name), []);
  });
});
