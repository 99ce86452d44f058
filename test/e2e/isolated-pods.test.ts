import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '../../src/api/core/v1/types.ts';
import type { NetworkPolicySpec } from '../../src/api/networking/v1/types.ts';
import { writeBusyboxImage } from './busybox-image.ts';
import { cannotRunClusters, openCommandLine } from './command-line.ts';
import { kubectls } from './kubectl-programs.ts';

const skip = await cannotRunClusters();
const image = 'kubeling-test/busybox:1';
const name = 'closed';
const port = 8080;

describe('pods that network policies isolate', { skip }, () => {
  const { home, env, must, kubectl, run, until, [Symbol.asyncDispose]: close } = openCommandLine();
  after(close);
  const nodes = [`${name}-worker`, `${name}-worker2`] as const;

  before(async () => {
    await must('up', '--name', name, '--nodes', '3', '--no-install');
    const archive = join(home.data, 'busybox.tar');
    writeBusyboxImage(archive, image);
    await must('image', 'load', archive, '--name', name);
  });

  async function apply(...objects: readonly object[]): Promise<void> {
    const child = spawn(kubectls().at(-1)!, ['apply', '-f', '-'], { env, stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  }
  function pod(podName: string, nodeName: string, script: string, more: Partial<Pod['spec']['containers'][0]> = {}) {
    const spec: Pod['spec'] = {
      nodeName,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'app', image, command: ['sh', '-c', script], ...more }],
    };
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name: podName, labels: { app: podName } }, spec };
  }
  const policy = (policyName: string, spec: NetworkPolicySpec) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: policyName },
    spec,
  });
  const app = (value: string) => ({ podSelector: { matchLabels: { app: value } } });
  /** By its address, and without wget: a static busybox resolves no names. */
  async function reaches(from: string): Promise<boolean> {
    const address = await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
    const ask = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 ${address} 80`;
    return (await run(kubectls().at(-1)!, ['exec', from, '--', 'sh', '-c', ask])).stdout.endsWith('well\n');
  }

  test('are reached by whom a policy lets in, by their node and by nobody else, until it goes', async () => {
    const [here, there] = nodes;
    const serve = `mkdir /tmp/www; echo well > /tmp/www/index.html; exec httpd -f -p ${port} -h /tmp/www`;
    const probe = { httpGet: { path: '/', port }, periodSeconds: 1, failureThreshold: 1 };
    await apply(
      pod('web', here, serve, { ports: [{ name: 'http', containerPort: port }], readinessProbe: probe }),
      pod('near', here, 'sleep 3600'),
      pod('far', there, 'sleep 3600'),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
      },
    );
    await kubectl('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
    for (const from of ['near', 'far']) await until(`${from} reaches the Service`, () => reaches(from));

    await apply(policy('only-far', { ...app('web'), ingress: [{ from: [app('far')], ports: [{ port: 'http' }] }] }));
    await until('near is refused', async () => !(await reaches('near')));
    assert.ok(await reaches('far'));
    const address = (await kubectl('get', 'pod', 'near', '-o', 'jsonpath={.status.podIP}')).trim();
    const message = `NetworkPolicy "only-far" does not allow ingress from pod default/near (${address}) to port ${port}/TCP`;
    await until('the pod is told by whom', async () => (await kubectl('describe', 'pod', 'web')).includes(message));
    const metrics = await kubectl('get', '--raw', `/api/v1/nodes/${here}/proxy/metrics`);
    assert.match(
      metrics,
      /network_policy_denied_packets_total\{direction="ingress",namespace="default",policy="only-far"\} [1-9]/,
    );
    assert.equal(
      await kubectl('get', 'pod', 'web', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'),
      'True',
      'probes come from the node',
    );

    await kubectl('delete', 'networkpolicy', 'only-far');
    await until('near reaches it again', () => reaches('near'));
  });

  test('are isolated from the first instant that a container of theirs runs', async () => {
    const [here, there] = nodes;
    await apply(policy('shut', { ...app('young'), policyTypes: ['Egress'] }));
    await until('a pod is shut', async () => {
      await apply(pod('young', there, 'sleep 3600'));
      await kubectl('wait', '--for=condition=Ready', 'pod/young', '--timeout=60s');
      const isShut = !(await reaches('young'));
      await kubectl('delete', 'pod', 'young');
      return isShut;
    });
    const address = (await kubectl('get', 'pod', 'web', '-o', 'jsonpath={.status.podIP}')).trim();
    const script = `i=0; while [ $i -lt 20 ]; do nc -w 1 ${address} ${port} </dev/null 2>/dev/null && echo reached; i=$((i+1)); [ $i -gt 3 ] && exit; done`;
    for (const node of [here, there]) {
      await apply(pod('young', node, script));
      await kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/young', '--timeout=60s');
      assert.equal(await kubectl('logs', 'young'), '');
      await kubectl('delete', 'pod', 'young');
    }
  });
});
