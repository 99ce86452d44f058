import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeNodeImage } from '../../examples/hello/image.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { guard, type Guard } from '../kit/guard.ts';
import { leftovers } from './leftovers.ts';
import { cannotRunNodes } from './real-node.ts';
import { kubectls } from './kubectl-programs.ts';

const skip = (await cannotRunNodes()) ?? (kubectls().length === 0 ? 'needs kubectl' : false);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const image = 'kubeling-test/hello:1';
/** Rolled out at the same time, twice: that makes ten rolling updates. */
const apps = ['ant', 'bee', 'cat', 'dog', 'elk'];
const rounds = 2;

/** The settings are those that one finds everywhere: ready by HTTP after ten seconds, one pod more, none less. */
const deployment = (name: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: 3
  selector: { matchLabels: { app: ${name} } }
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: hello
          image: ${image}
          env:
            - { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /health, port: 8080 }, initialDelaySeconds: 10, periodSeconds: 5 }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec:
  type: LoadBalancer
  selector: { app: ${name} }
  ports: [{ port: 80, targetPort: 8080 }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name} }
spec:
  ingressClassName: nginx
  rules:
    - host: ${name}.example.com
      http:
        paths: [{ path: /, pathType: Prefix, backend: { service: { name: ${name}, port: { number: 80 } } } }]
---
`;
const loadPod = `
apiVersion: v1
kind: Pod
metadata: { name: load }
spec: { containers: [{ name: load, image: ${image} }] }
`;

interface Target {
  readonly name: string;
  readonly url: string;
  readonly host?: string;
}

interface Outcome {
  readonly counts: Readonly<Record<string, number>>;
  readonly resent: number;
  readonly failed: number;
  readonly failures: readonly string[];
}

describe('a rolling update under load', { skip }, () => {
  const folder = mkdtempSync('/run/kl-roll-');
  chmodSync(folder, 0o755); // nginx' workers, who are nobody, pass through it
  const home = { data: folder, run: join(folder, 'run') };
  const env = { ...process.env, KUBELING_HOME: folder, KUBECONFIG: join(folder, 'kubeconfig') };
  const cluster = 'roll';
  let alive: Disposable;
  let guarded: Guard;
  const asking: ChildProcess[] = [];

  async function run(command: string, args: readonly string[]): Promise<string> {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    assert.equal(code, 0, stderr);
    return stdout;
  }
  const kubeling = (...args: string[]) => run(process.execPath, [here('../../src/main/cli.ts'), ...args]);
  const kubectl = (...args: string[]) => run(kubectls().at(-1)!, args);
  const read = async (what: string, path: string) =>
    (await kubectl('get', ...what.split(' '), '-o', `jsonpath=${path}`)).trim();
  async function wait(what: string, path: string): Promise<string> {
    await kubectl('wait', ...what.split(' '), `--for=jsonpath=${path}`, '--timeout=60s');
    return read(what, path);
  }

  before(async () => {
    alive = keepAlive();
    process.umask(0o077); // as careful administrators have it
    guarded = guard({ folder, home });
    await kubeling('up', '--name', cluster, '--nodes', '3');
    writeNodeImage(join(folder, 'image.tar'), image, here('../../examples/hello/server.mjs'));
    await kubeling('image', 'load', join(folder, 'image.tar'), '--name', cluster);
    writeFileSync(join(folder, 'objects.yaml'), apps.map(deployment).join('') + loadPod);
    await kubectl('apply', '-f', join(folder, 'objects.yaml'));
    for (const app of apps) await kubectl('rollout', 'status', `deployment/${app}`, '--timeout=90s');
    await kubectl('wait', 'pod/load', '--for=condition=Ready', '--timeout=60s');
  });
  after(async () => {
    for (const child of asking) child.kill(); // those that a failed test has left
    await kubeling('down', '--name', cluster);
    assert.deepEqual(await leftovers(home, cluster), []);
    rmSync(folder, { recursive: true, force: true });
    await guarded[Symbol.asyncDispose]();
    alive[Symbol.dispose]();
  });

  /** Begins to ask; the answer ends it and tells how it went. */
  function load(command: string, args: readonly string[], targets: readonly Target[]): () => Promise<Outcome> {
    const child = spawn(command, [...args, JSON.stringify(targets)], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    asking.push(child);
    const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return async () => {
      child.stdin.end();
      const [stdout, stderr] = await said;
      assert.match(stdout, /^\{/, stderr);
      return JSON.parse(stdout) as Outcome;
    };
  }

  test('fails no request, through Services and Ingress, from the host and from a pod', async () => {
    const node = await read(
      'node --selector=!node-role.kubernetes.io/control-plane',
      '{.items[0].status.addresses[0].address}',
    );
    const fromHost: Target[] = [];
    const fromPod: Target[] = [];
    for (const app of apps) {
      const nodePort = await read(`service/${app}`, '{.spec.ports[0].nodePort}');
      const balancer = await wait(`service/${app}`, '{.status.loadBalancer.ingress[0].ip}');
      const ingress = await wait(`ingress/${app}`, '{.status.loadBalancer.ingress[0].ip}');
      const throughIngress = { name: `${app} Ingress`, url: `http://${ingress}/`, host: `${app}.example.com` };
      fromHost.push(
        { name: `${app} NodePort`, url: `http://${node}:${nodePort}/` },
        { name: `${app} LoadBalancer`, url: `http://${balancer}/` },
        throughIngress,
      );
      fromPod.push({ name: `${app} ClusterIP`, url: `http://${app}/` }, throughIngress);
    }
    const program = here('request-load.mjs');
    const script = readFileSync(program, 'utf8');
    const exec = ['exec', '-i', 'load', '--', 'node', '--input-type=module', '-e', script];
    const loads = [load(process.execPath, [program], fromHost), load(kubectls().at(-1)!, exec, fromPod)];
    for (let round = 0; round < rounds; round++) {
      await kubectl('rollout', 'restart', ...apps.map((app) => `deployment/${app}`));
      for (const app of apps) await kubectl('rollout', 'status', `deployment/${app}`, '--timeout=120s');
    }
    for (const outcome of await Promise.all(loads.map((end) => end()))) {
      assert.deepEqual(outcome.failures, []);
      for (const [name, count] of Object.entries(outcome.counts)) assert.ok(count > 0, name);
    }
  });
});
