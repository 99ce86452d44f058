import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { Deployments, type Deployment } from '../../src/api/apps/v1/types.ts';
import { Pods, type Pod } from '../../src/api/core/v1/types.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { createHttpTransport } from '../../src/client/node/http-transport.ts';
import { accessOf, kubeconfigPaths, readKubeconfigs } from '../../src/client/node/kubeconfig.ts';
import type { Client } from '../../src/client/client.ts';
import { createClient } from '../../src/client/typed-client.ts';
import { runInPod } from './run-in-pod.ts';
import { writeNodeImage } from './image.ts';

/**
 * Deploys a small web server to the cluster of the current context, two pods of it, and asks each from the other. The
 * same can be done with kubectl: `kubectl apply -f hello.yaml`, `kubectl exec`.
 */
const image = 'hello:1';
const readyWithinSeconds = 120;

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

function loadImage(): void {
  const folder = mkdtempSync(join(tmpdir(), 'hello-'));
  try {
    const file = join(folder, 'image.tar');
    writeNodeImage(file, image, here('server.mjs'));
    execFileSync(here('../../kubeling'), ['image', 'load', ...process.argv.slice(2), file], { stdio: 'inherit' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function deploy(client: Client, namespace: string): Promise<void> {
  const deployment = load(readFileSync(here('hello.yaml'), 'utf8')) as Deployment;
  const { name } = deployment.metadata;
  const patch = { type: 'apply', body: deployment } as const;
  await client.patch(Deployments, { namespace, name }, patch, { fieldManager: 'hello', force: true });
  console.log(`Applied deployment ${name}`);
}

/** Pods whose container is ready and that are not about to end. */
async function readyPods(client: Client, namespace: string, wanted: number): Promise<Pod[]> {
  const end = systemClock.now() + readyWithinSeconds * 1000;
  for (;;) {
    const { items } = await client.list(Pods, { namespace, labelSelector: 'app=hello' });
    const ready = items.filter(isReady);
    if (ready.length >= wanted) return ready;
    if (systemClock.now() > end) throw new Error(`Only ${ready.length} of ${wanted} pods are ready`);
    await systemClock.sleep(200);
  }
}

function isReady({ metadata, status }: Pod): boolean {
  const isEnding = metadata.deletionTimestamp !== undefined;
  return !isEnding && (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True');
}

const config = await readKubeconfigs(kubeconfigPaths({ variable: process.env['KUBECONFIG'] ?? '', home: homedir() }));
const access = await accessOf(config);
const { namespace } = access;
await using transport = createHttpTransport(access, { clock: systemClock, userAgent: 'hello' });
const client = createClient(transport);

loadImage();
await deploy(client, namespace);
const [first, second] = await readyPods(client, namespace, 2);
for (const [asker, asked] of [
  [first!, second!],
  [second!, first!],
] as const) {
  const script = `fetch("http://${asked.status?.podIP}:8080").then((answer) => answer.text()).then((text) => console.log(text.trim()))`;
  const answer = await runInPod(access, { namespace, pod: asker.metadata.name, command: ['node', '-e', script] });
  console.log(`${asker.metadata.name} asks ${asked.status?.podIP}: ${answer.trim()}`);
}
