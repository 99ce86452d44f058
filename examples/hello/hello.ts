import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadAll } from 'js-yaml';
import { Deployments } from '../../src/api/apps/v1/types.ts';
import { Services } from '../../src/api/core/v1/types.ts';
import { Ingresses } from '../../src/api/networking/v1/types.ts';
import type { KubeObject } from '../../src/apimachinery/object.ts';
import type { ResourceType } from '../../src/apimachinery/resource-type.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { createHttpTransport } from '../../src/client/node/http-transport.ts';
import { accessOf, kubeconfigPaths, readKubeconfigs } from '../../src/client/node/kubeconfig.ts';
import type { Client } from '../../src/client/client.ts';
import { createClient } from '../../src/client/typed-client.ts';
import { contextName, defaultCluster } from '../../src/local/cluster-config.ts';
import { writeNodeImage } from './image.ts';

/**
 * Deploys a small web server to a cluster, two pods of it behind a Service and an Ingress, and asks through the Ingress. The same can be done with `kubectl apply -f hello.yaml` and
 * `curl --header 'Host: hello.example.com' http://ADDRESS`.
 */
const image = 'hello:1';
const host = 'hello.example.com';
const questions = 4;
const withinSeconds = 120;
const kinds: readonly ResourceType[] = [Deployments, Services, Ingresses];

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What went wrong has been told already, by the program that was called. */
class ToldError extends Error {}

function loadImage(name: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'hello-'));
  try {
    const file = join(folder, 'image.tar');
    writeNodeImage(file, image, here('server.mjs'));
    const { status } = spawnSync(here('../../kubeling'), ['image', 'load', '--name', name, file], { stdio: 'inherit' });
    if (status !== 0) throw new ToldError();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function apply(client: Client, namespace: string): Promise<void> {
  for (const object of loadAll(readFileSync(here('hello.yaml'), 'utf8')) as KubeObject[]) {
    const type = kinds.find(({ kind }) => kind === object.kind)!;
    const { name } = object.metadata;
    const patch = { type: 'apply', body: object } as const;
    await client.patch(type, { namespace, name }, patch, { fieldManager: 'hello', force: true });
    console.log(`Applied ${type.kind} ${name}`);
  }
}

/** Asks again and again until there is an answer. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const end = systemClock.now() + withinSeconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (systemClock.now() > end) throw new Error(`Cannot go on: after ${withinSeconds} s there is no ${what}`);
    await systemClock.sleep(100);
  }
}

async function readyDeployment(client: Client, namespace: string): Promise<true | undefined> {
  const { metadata, spec, status } = await client.get(Deployments, { namespace, name: 'hello' });
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const isReady = status?.updatedReplicas === spec.replicas && status?.readyReplicas === spec.replicas;
  return isSeen && isReady ? true : undefined;
}

async function ingressAddress(client: Client, namespace: string): Promise<string | undefined> {
  const { status } = await client.get(Ingresses, { namespace, name: 'hello' });
  return status?.loadBalancer?.ingress?.[0]?.ip;
}

/** What `http://<host>/` says at this address; `undefined` while nobody serves it. */
function ask(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: address, headers: { host }, agent: false, timeout: 5000 }, async (response) => {
      const answer = await text(response);
      resolve(response.statusCode === 200 ? answer.trim() : undefined);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

const usage = `Usage: examples/hello/run [--name NAME]

Deploys a web server to a cluster, and shows what it answers through an Ingress. Bring a cluster up with
"./kubeling up".

Options:
  --name NAME  name of the cluster (default: "kubeling")
  -h, --help   display help
`;

async function run(name: string): Promise<void> {
  const paths = kubeconfigPaths({ variable: process.env['KUBECONFIG'] ?? '', home: homedir() });
  const config = await readKubeconfigs(paths);
  const context = contextName(name);
  if (!config.contexts?.some((one) => one.name === context))
    throw new Error(`Cannot find context "${context}" in ${paths.join(', ')}: bring a cluster up with "./kubeling up"`);
  const access = await accessOf(config, context);
  const { namespace } = access;
  await using transport = createHttpTransport(access, { clock: systemClock, userAgent: 'hello' });
  const client = createClient(transport);

  loadImage(name);
  await apply(client, namespace);
  await until('ready Deployment', () => readyDeployment(client, namespace));
  const address = await until('address of the Ingress', () => ingressAddress(client, namespace));
  for (let question = 0; question < questions; question++) {
    const answer = await until(`answer at ${address}`, () => ask(address));
    console.log(`http://${host}/ at ${address} says: ${answer}`);
  }
}

try {
  const { values } = parseArgs({
    options: { name: { type: 'string', default: defaultCluster }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) process.stdout.write(usage);
  else await run(values.name);
} catch (error) {
  if (!(error instanceof ToldError)) process.stderr.write(`error: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
