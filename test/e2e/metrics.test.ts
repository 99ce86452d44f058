import assert from 'node:assert/strict';
import { get } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';
import { kubectls } from './kubectl-programs.ts';

const skip = await cannotRunClusters();
const image = 'kubeling-test/busybox:1';
const name = 'measured';
const worker = `${name}-worker`;
const mebibyte = 1024 * 1024;

/** A row of `kubectl top`: its words, numbers without their units. */
function rowsOf(text: string): (string | number)[][] {
  const rows = text.trim().split('\n').slice(1);
  return rows.map((row) => row.split(/ +/).map((word) => (/^\d+(m|Mi|%)?$/.test(word) ? parseInt(word, 10) : word)));
}

/** The kubelet's certificate is checked elsewhere. */
function codeOf(url: string, token: string): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const call = get(url, { headers, rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    call.once('error', reject);
  });
}

describe('what nodes and pods use', { skip }, () => {
  const { home, must, run, kubectl, until, [Symbol.asyncDispose]: close } = openCommandLine();
  after(close);

  before(async () => {
    await must('up', '--name', name, '--nodes', '2', '--no-install');
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, image);
    await must('image', 'load', archive, '--name', name);
    const resources = { requests: { cpu: '100m' }, limits: { cpu: '300m', memory: '128Mi' } };
    const holds = 'head -c 67108864 /dev/zero > /held/zeros; exec sleep 1000000';
    const containers = [
      { name: 'busy', image, resources, command: ['sh', '-c', 'while :; do :; done'] },
      { name: 'big', image, command: ['sh', '-c', holds], volumeMounts: [{ name: 'held', mountPath: '/held' }] },
    ];
    const volumes = [{ name: 'held', emptyDir: { medium: 'Memory' } }];
    const spec = { nodeName: worker, terminationGracePeriodSeconds: 0, containers, volumes };
    await until('the default service account', async () => (await kubectl('get', 'serviceaccount', 'default')) !== '');
    await kubectl('run', 'web', `--image=${image}`, `--overrides=${JSON.stringify({ spec })}`);
    await kubectl('wait', '--for=condition=Ready', 'pod/web', '--timeout=60s');
    await until('metrics', async () => (await kubectl('top', 'pod', 'web')) !== '');
  });

  for (const program of kubectls())
    test(`${program.split('/').at(-1)} shows them`, async () => {
      const top = async (...args: string[]) => {
        const { code, stdout, stderr } = await run(program, ['top', ...args]);
        assert.equal(code, 0, stderr);
        return stdout;
      };
      await until('the busy container at its limit', async () => {
        const rows = rowsOf(await top('pods', '--containers')) as [string, string, number, number][];
        const [big, busy] = rows.toSorted((a, b) => (a[1] < b[1] ? -1 : 1));
        assert.deepEqual(
          [big?.slice(0, 2), busy?.slice(0, 2)],
          [
            ['web', 'big'],
            ['web', 'busy'],
          ],
        );
        return busy![2] > 100 && busy![2] < 400 && big![3] >= 64 && big![3] < 80;
      });
      const [[pod, cpu, memory]] = rowsOf(await top('pods', '-A')).map((row) => row.slice(1)) as [
        [string, number, number],
      ];
      assert.deepEqual([pod, cpu > 100, memory >= 64], ['web', true, true]);
      assert.equal(rowsOf(await top('pods', '-l', 'run=other')).length, 0);

      const nodes = rowsOf(await top('nodes'));
      assert.deepEqual(
        nodes.map(([node]) => node),
        [`${name}-control-plane`, worker],
      );
      const allocatable = await kubectl(
        'get',
        'node',
        worker,
        '-o',
        'jsonpath={.status.allocatable.cpu} {.status.allocatable.memory}',
      );
      const [cpus, kibibytes] = allocatable.split(' ').map((text) => parseInt(text, 10)) as [number, number];
      const [, used, percent, held, share] = nodes[1] as [string, number, number, number, number];
      assert.ok(used > 100 && held > 64 && held < 1024, 'a worker runs its pods, its agent and containerd');
      assert.ok(Math.abs(percent - Math.floor(used / cpus / 10)) <= 1);
      assert.ok(Math.abs(share - Math.floor((held * 1024 * 100) / kibibytes)) <= 1);
    });

  const proxied = (path: string) => `/api/v1/nodes/${worker}/proxy${path}`;

  test('a kubelet tells of its own node and pods only', async () => {
    const metrics = await kubectl('get', '--raw', proxied('/metrics/resource'));
    const labels = 'namespace="default",pod="web"';
    for (const line of [
      `container_cpu_usage_seconds_total{container="busy",${labels}}`,
      `container_memory_working_set_bytes{container="big",${labels}}`,
      `container_start_time_seconds{container="busy",${labels}}`,
      `pod_cpu_usage_seconds_total{${labels}}`,
      `pod_memory_working_set_bytes{${labels}}`,
      'node_cpu_usage_seconds_total',
      'node_memory_working_set_bytes',
      'resource_scrape_error 0',
    ])
      assert.ok(metrics.includes(`\n${line}`), line);
    const { node, pods } = JSON.parse(await kubectl('get', '--raw', proxied('/stats/summary')));
    assert.equal(node.nodeName, worker);
    assert.deepEqual(
      pods.map(({ podRef }: { podRef: { name: string } }) => podRef.name),
      ['web'],
    );
    const [{ containers, memory, cpu }] = pods;
    const big = containers.find((one: { name: string }) => one.name === 'big');
    assert.ok(big.memory.workingSetBytes >= 64 * mebibyte && memory.workingSetBytes >= big.memory.workingSetBytes);
    assert.ok(node.memory.workingSetBytes > memory.workingSetBytes && node.memory.availableBytes > 0);
    assert.ok(Number.isInteger(cpu.usageNanoCores) && node.cpu.usageCoreNanoSeconds > cpu.usageCoreNanoSeconds);
    const control = `/api/v1/nodes/${name}-control-plane/proxy/stats/summary`;
    assert.deepEqual(JSON.parse(await kubectl('get', '--raw', control)).pods, []);
  });

  test('who has no right to a node’s proxy gets nothing through it', async () => {
    const asBob = (path: string) => run(kubectls().at(-1)!, ['get', '--raw', proxied(path), '--as=bob']);
    const { code, stderr } = await asBob('/metrics/resource');
    assert.deepEqual([code, /cannot get resource "nodes\/proxy"/.test(stderr)], [1, true], stderr);
    await kubectl('create', 'clusterrole', 'peek', '--verb=get', '--resource=nodes/proxy');
    await kubectl('create', 'clusterrolebinding', 'peek', '--clusterrole=peek', '--user=bob');
    await until('the right', async () => (await asBob('/healthz')).stdout === 'ok');
  });

  test('a pod that reads the kubelet with its own token needs a right of its own', async () => {
    const token = (await kubectl('create', 'token', 'default')).trim();
    const address = await kubectl('get', 'node', worker, '-o', 'jsonpath={.status.addresses[0].address}');
    const ask = (path: string) => codeOf(`https://${address}:10250${path}`, token);
    assert.deepEqual([await ask('/healthz'), await ask('/metrics/resource')], [403, 403]);
    await kubectl('create', 'clusterrole', 'scrape', '--verb=get', '--resource=nodes/stats');
    await kubectl('create', 'clusterrolebinding', 'scrape', '--clusterrole=scrape', '--serviceaccount=default:default');
    assert.deepEqual([await ask('/stats/summary'), await ask('/metrics/resource')], [200, 403]);
  });
});
