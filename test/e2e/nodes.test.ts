import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run as command } from '../../src/base/node/command.ts';
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts';
import { belongingsOfNode } from '../../src/local/belongings.ts';
import { readCluster } from '../../src/local/cluster-config.ts';
import { inside } from '../../src/local/network.ts';
import { gatewayOf } from '../../src/local/network-plan.ts';
import { nodePaths } from '../../src/local/paths.ts';
import { processesOf } from '../../src/local/sweep.ts';
import { openAddresses } from '../../src/proxy/announced-addresses.ts';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';
import { crash } from './crash.ts';
import { leftovers } from './leftovers.ts';

const skip = await cannotRunClusters();
const image = 'kubeling-test/busybox:1';
const name = 'three';

describe('a cluster of three nodes', { skip }, () => {
  const { home, kubeconfig, kubeling, must, kubectl, until, [Symbol.asyncDispose]: close } = openCommandLine();
  after(close);
  const node = (short: string): string => `${name}-${short}`;
  const pods = ['control-plane', 'worker', 'worker2'];

  before(async () => {
    await must('up', '--name', name, '--nodes', '3', '--config', writeConfig(0), '--no-install');
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, image);
    await must('image', 'load', archive, '--name', name);
  });

  /** A configuration of kind, which maps a port of this machine (0 is any) to the first worker. */
  function writeConfig(hostPort: number): string {
    const file = join(home.data, `kind-${hostPort}.yaml`);
    const worker = {
      role: 'worker',
      labels: { tier: 'front' },
      extraPortMappings: [{ containerPort: 9090, hostPort }],
    };
    const nodes = [{ role: 'control-plane' }, worker, { role: 'worker' }];
    const networking = { apiServerAddress: '127.0.0.1' };
    const apiVersion = 'kind.x-k8s.io/v1alpha4';
    writeFileSync(file, JSON.stringify({ kind: 'Cluster', apiVersion, nodes, networking }));
    return file;
  }

  /** A pod on the node of the same name, which tells who asks the address that it sees. */
  async function runPod(on: string): Promise<void> {
    const peer = '#!/bin/sh\\necho Content-type: text/plain\\necho\\necho $REMOTE_ADDR\\n';
    const script = `mkdir -p /www/cgi-bin; cd /www/cgi-bin; printf '${peer}' > peer; chmod +x peer; exec httpd -f -p 8080 -h /www`;
    const command = ['sh', '-c', script];
    const spec = {
      nodeName: node(on),
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'web', image, command, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      volumes: [{ name: 'data', emptyDir: {} }],
      tolerations: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', tolerationSeconds: 1 }],
    };
    await kubectl('run', on, `--image=${image}`, `--overrides=${JSON.stringify({ spec })}`);
  }
  const addressOf = (pod: string) => kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.podIP}');

  async function everyPodReachesEveryOther(): Promise<void> {
    const addresses = await Promise.all(pods.map(addressOf));
    assert.equal(new Set(addresses.map((address) => address.split('.')[2])).size, 3);
    for (const from of pods)
      for (const [index, to] of pods.entries()) {
        await until(`${from} reaches ${to}`, async () => {
          const ask = `printf 'GET /cgi-bin/peer HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${addresses[index]} 8080`;
          const answer = await kubectl('exec', from, '--', 'sh', '-c', ask);
          return answer.includes(`${addresses[pods.indexOf(from)]}]`);
        });
      }
  }

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
    await everyPodReachesEveryOther();
  });

  test('shows its API where it was asked for', async () => {
    const server = (await readKubeconfig(kubeconfig))?.clusters?.[0]?.cluster?.server;
    assert.match(server ?? '', /^https:\/\/127\.0\.0\.1:\d+$/);
  });

  test('has the labels that were asked for', async () => {
    assert.equal(await kubectl('get', 'nodes', '-l', 'tier=front', '-o', 'name'), `node/${node('worker')}\n`);
  });

  test('answers on the port of this machine that was asked for, by loopback and by other addresses', async () => {
    const { ranges, nodes } = (await readCluster(home, name))!;
    const { hostPort } = nodes[1]!.ports[0]!;
    const spec = {
      nodeName: node('worker'),
      hostNetwork: true,
      terminationGracePeriodSeconds: 0,
      containers: [
        { name: 'web', image, command: ['sh', '-c', 'echo mapped > /tmp/index.html; httpd -f -p 9090 -h /tmp'] },
      ],
    };
    await kubectl('run', 'mapped', `--image=${image}`, `--overrides=${JSON.stringify({ spec })}`);
    for (const address of ['127.0.0.1', gatewayOf(ranges.nodes)])
      await until(`${address} answers`, async () => {
        return (await (await fetch(`http://${address}:${hostPort}/`)).text()) === 'mapped\n';
      });
    await kubectl('delete', 'pod', 'mapped', '--wait=false');
    const other = await kubeling('up', '--name', 'other', '--config', writeConfig(hostPort));
    assert.equal(other.code, 1);
    assert.match(other.stderr, /nodes\[1\]\.extraPortMappings\[0\]\.hostPort: must be free .* is mapped already/);
    assert.deepEqual(await leftovers(home, 'other'), []);
  });

  test('tells where Services answer', async () => {
    const missing = await kubeling('service', 'nowhere', '--name', name);
    assert.deepEqual([missing.code, missing.stdout], [115, '']);
    assert.match(missing.stderr, /Service 'nowhere' was not found in 'default' namespace/);
    const inside = await kubeling('service', 'kubernetes', '--name', name);
    assert.match(inside.stdout, /│ default +│ kubernetes +│ +│ No node port │/);
    assert.match(inside.stderr, /service default\/kubernetes has no node port/);
    await kubectl('create', 'service', 'nodeport', 'web', '--tcp=80:8080', '--node-port=30123');
    const [first] = (await readCluster(home, name))!.nodes;
    assert.equal(await must('service', 'web', '--url', '--name', name), `http://${first!.address}:30123\n`);
  });

  const stateOf = async (short: string): Promise<string> =>
    await kubectl('get', 'node', node(short), '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}');
  const processes = async (short: string) => {
    const cluster = (await readCluster(home, name))!;
    return await processesOf(
      belongingsOfNode(
        home,
        cluster,
        cluster.nodes.find((one) => one.name === short)!,
      ),
    );
  };

  test('loses the pods of a node that is turned off, and gets the node back', async () => {
    await must('node', 'stop', 'worker2', '--name', name);
    assert.deepEqual(await processes('worker2'), []);
    assert.match(await must('node', 'stop', node('worker2'), '--name', name), /stopped already/);
    assert.match((await kubeling('status', '--name', name)).stdout, /^three-worker2 +worker +Stopped/m);
    await until('the node is given up', async () => (await stateOf('worker2')) === 'Unknown');
    await until('its pod is gone', async () => !(await kubectl('get', 'pods', '-o', 'name')).includes('pod/worker2'));
    await must('node', 'start', 'worker2', '--name', name);
    assert.equal(await stateOf('worker2'), 'True');
    await runPod('worker2');
    await kubectl('wait', '--for=condition=Ready', 'pod/worker2', '--timeout=60s');
  });

  /** The addresses of load balancers that a node answers for. */
  const announced = async (short: string): Promise<string[]> => {
    const { networkNamespace: namespace } = nodePaths(home, name, short);
    const addresses = openAddresses({ start: (program, args) => command(...inside({ namespace }, program, args)) });
    return await addresses.list();
  };

  test('has another node answer for a load balancer when the agent of its node hangs, and no two at once', async () => {
    const overrides = JSON.stringify({ spec: { externalTrafficPolicy: 'Local' } });
    const expose = ['expose', 'pod', 'worker2', '--type=LoadBalancer', '--port=8080', `--overrides=${overrides}`];
    await kubectl(...expose);
    await until('the node of the pod has the address', async () => (await announced('worker2')).length === 1);
    const port = await kubectl('get', 'service', 'worker2', '-o', 'jsonpath={.spec.healthCheckNodePort}');
    const { nodes } = (await readCluster(home, name))!;
    const health = nodes.map(async ({ address }) => (await fetch(`http://${address}:${port}/`)).status);
    assert.deepEqual(await Promise.all(health), [503, 503, 200]);
    const isAgent = ({ pid }: { pid: number }): boolean =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0agent\0');
    const { pid } = (await processes('worker2')).find(isAgent)!;
    process.kill(pid, 'SIGSTOP');
    try {
      await until('the node is given up', async () => (await stateOf('worker2')) === 'Unknown');
      assert.deepEqual(await announced('worker2'), []);
      await until('another node has the address', async () => {
        const others = await Promise.all(['control-plane', 'worker'].map(announced));
        return others.flat().length === 1;
      });
      // A node that comes back sooner keeps its pods.
      await until('its pod is gone', async () => !(await kubectl('get', 'pods', '-o', 'name')).includes('pod/worker2'));
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until('the node is back', async () => (await stateOf('worker2')) === 'True');
    await kubectl('delete', 'service', 'worker2');
    await runPod('worker2');
    await kubectl('wait', '--for=condition=Ready', 'pod/worker2', '--timeout=60s');
  });

  test('stands still and comes back with its objects, addresses and data', async () => {
    const nodesBefore = await nodesShown();
    await kubectl('exec', 'worker', '--', 'sh', '-c', 'echo kept > /data/note');
    assert.match(await must('stop', '--name', name), /is stopped/);
    assert.deepEqual(
      (await leftovers(home, name)).filter((one) => !one.startsWith('folder')),
      [],
    );
    assert.match((await kubeling('status', '--name', name)).stdout, /State: +stopped/);
    assert.equal((await kubeling('node', 'start', 'worker', '--name', name)).code, 1);
    assert.match(await must('stop', '--name', name), /stopped already/);
    await must('start', '--name', name);
    assert.match(await must('start', '--name', name), /running already/);
    assert.equal(await nodesShown(), nodesBefore);
    await podsAreBack();
  });

  test('comes back after a reboot of the machine', async () => {
    const nodesBefore = await nodesShown();
    await crash(home, name);
    await must('start', '--name', name);
    assert.equal(await nodesShown(), nodesBefore);
    await podsAreBack();
  });

  const nodesShown = () =>
    kubectl('get', 'nodes', '-o', 'jsonpath={range .items[*]}{.metadata.uid} {.spec.podCIDR} {.status.addresses}{end}');
  async function podsAreBack(): Promise<void> {
    for (const pod of pods)
      await until(`${pod} runs again`, async () => {
        const ready = 'jsonpath={.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}';
        return /^[1-9]\d* true$/.test(await kubectl('get', 'pod', pod, '-o', ready));
      });
    assert.equal(await kubectl('exec', 'worker', '--', 'cat', '/data/note'), 'kept\n');
    await everyPodReachesEveryOther();
  }

  test('goes away without a trace', async () => {
    assert.equal((await kubeling('down', '--name', name)).code, 0);
    assert.deepEqual(await leftovers(home, name), []);
  });
});
