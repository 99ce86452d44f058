import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Nodes, Services, type Node } from '../../src/api/core/v1/types.ts';
import { EndpointSlices, type EndpointSlice } from '../../src/api/discovery/v1/types.ts';
import { ingressGroup, ingressUser } from '../../src/api/networking/ingress-user.ts';
import { IngressClasses, Ingresses, type Ingress, type IngressSpec } from '../../src/api/networking/v1/types.ts';
import type { Transport, WatchEvent } from '../../src/apimachinery/request.ts';
import { superuser } from '../../src/apiserver/api-server.ts';
import { createAuthority } from '../../src/apiserver/auth/certificates.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import type { Client } from '../../src/client/client.ts';
import { createClient } from '../../src/client/typed-client.ts';
import { nginxFolder } from '../../src/ingress/nginx/folder.ts';
import { modulesFolder } from '../../src/ingress/nginx/files.ts';
import { Nginx } from '../../src/ingress/nginx/nginx.ts';
import { nginxOn, startIngress } from '../../src/ingress/ingress.ts';
import type { KeyPair } from '../../src/ingress/routes/routes.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { guard } from '../kit/guard.ts';
import { startMemoryApi } from '../kit/memory-api.ts';

export const nodeName = 'node-1';
/** The API takes no endpoints on loopback, and tests use no other addresses: the ingress is shown one for the other. */
const shownNetwork = '192.0.2.';
const usedNetwork = '127.0.0.';

/** An API server in this process, and a real nginx on loopback that serves its Ingresses. */
export interface IngressCluster extends AsyncDisposable {
  readonly client: Client;
  readonly folder: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** The resource versions of EndpointSlices that nginx is said to work with. */
  readonly applied: readonly string[];
  /** Starts the ingress once more, after {@link stopIngress}. */
  startIngress(): Promise<void>;
  /** Ends the controller; nginx runs on. */
  stopIngress(): Promise<void>;
  /** Makes a Service whose endpoints are these. */
  createService(name: string, endpoints: readonly Endpoint[]): Promise<void>;
  setEndpoints(service: string, endpoints: readonly Endpoint[]): Promise<EndpointSlice>;
  createIngress(name: string, spec: IngressSpec, annotations?: Record<string, string>): Promise<Readonly<Ingress>>;
  /** Waits until the condition holds; rejects after a long time. */
  until(what: string, holds: () => Promise<boolean> | boolean): Promise<void>;
  /**
   * As {@link until}, for what nginx answers after a change of its configuration. One new worker may answer so while others
   * are still to go; so it waits besides until the ingress says that nginx has taken it.
   */
  untilServed(what: string, holds: () => Promise<boolean>): Promise<void>;
}

/** Where a backend of a test listens; see {@link startBackend}. */
export interface Endpoint {
  readonly address: string;
  readonly ready?: boolean;
}

export const servicePort = 28473;
/** A machine that is busy with other things starts processes slowly. */
const patienceMs = 60_000;

/** Why the ingress cannot be tested here, if it cannot. */
export function cannotRunNginx(): string | undefined {
  try {
    modulesFolder();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

export async function startIngressCluster(): Promise<IngressCluster> {
  await using opened = new AsyncDisposableStack();
  opened.use(keepAlive()); // timers alone do not keep a process
  const folder = await mkdtemp(join(tmpdir(), 'ingress-'));
  opened.use(guard({ folder }));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755); // nginx' workers are not root
  const sources = { clock: systemClock, random: systemRandom };
  const api = opened.use(await startMemoryApi());
  const client = createClient(api.transport(superuser, 'test'));
  await createReadyNode(client, nodeName, '192.0.2.200');
  await client.create(IngressClasses, { metadata: { name: 'nginx' }, spec: { controller: 'k8s.io/ingress-nginx' } });
  const user = { name: ingressUser(nodeName), groups: [ingressGroup, 'system:authenticated'] };
  const own = createClient(withLoopback(api.transport(user, 'ingress')));
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  const prefix = join(folder, 'nginx');
  opened.defer(() => new Nginx(nginxFolder(prefix), { clock: systemClock, log: silentLogger }).end());
  const applied: string[] = [];
  let stop: (() => Promise<void>) | undefined;
  opened.defer(() => stop?.());

  const cluster: IngressCluster = {
    client,
    folder: prefix,
    httpPort,
    httpsPort,
    applied,
    async startIngress() {
      const life = new AbortController();
      const running = startIngress({
        client: own,
        ...sources,
        log: silentLogger,
        signal: life.signal,
        nodeName,
        openNginx: nginxOn({
          folder: prefix,
          listen: { address: '127.0.0.1', httpPort, httpsPort },
          certificate: () => selfSigned('default'),
          clock: systemClock,
          log: silentLogger,
        }),
        onApplied: (version) => void applied.push(version),
      });
      stop = async () => {
        life.abort();
        await running.stopped;
      };
      await cluster.until('nginx runs', () => applied.length > 0);
    },
    async stopIngress() {
      await stop?.();
      applied.length = 0;
    },
    async createService(name, endpoints) {
      const ports = [{ name: 'http', port: servicePort, targetPort: servicePort, protocol: 'TCP' as const }];
      await client.create(Services, { metadata: { name, namespace: 'default' }, spec: { ports } });
      await client.create(EndpointSlices, sliceOf(name, endpoints));
    },
    setEndpoints: (service, endpoints) => client.update(EndpointSlices, sliceOf(service, endpoints)),
    createIngress: (name, spec, annotations = {}) =>
      client.create(Ingresses, {
        metadata: { name, namespace: 'default', annotations },
        spec: { ingressClassName: 'nginx', ...spec },
      }),
    async until(what, holds) {
      const limit = systemClock.monotonic() + patienceMs;
      while (!(await holds())) {
        if (systemClock.monotonic() > limit) throw new Error(`Cannot go on: "${what}" has not come true`);
        await systemClock.sleep(10);
      }
    },
    async untilServed(what, holds) {
      const { length } = applied;
      await cluster.until(what, holds);
      await cluster.until(`nginx has taken it: ${what}`, () => applied.length > length);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
  await cluster.startIngress();
  const running = opened.move();
  return cluster;
}

export async function createReadyNode(client: Client, name: string, address: string): Promise<void> {
  await client.create(Nodes, { metadata: { name }, spec: {} } as Node);
  await setReady(client, name, true, address);
}

export async function setReady(client: Client, name: string, ready: boolean, address?: string): Promise<void> {
  const status = {
    // What nginx says of itself stays, whether the node is ready or not.
    conditions: [
      { type: 'Ready', status: ready ? 'True' : 'False' },
      { type: 'IngressReady', status: 'True' },
    ],
    ...(address === undefined ? {} : { addresses: [{ type: 'InternalIP', address }] }),
  };
  await client.patch(Nodes, { name }, { type: 'merge', body: { status } }, { subresource: 'status' });
}

/** A server that answers with its name, the path and the headers that came; each has an address of its own. */
export interface TestBackend extends AsyncDisposable {
  readonly address: string;
  readonly server: Server;
}

export async function startBackend(name: string, address: string): Promise<TestBackend> {
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name, method, url, headers }));
    });
  });
  server.listen(servicePort, address.replace(shownNetwork, usedNetwork));
  await once(server, 'listening');
  return {
    address,
    server,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A certificate for the host that is its own authority. */
export function selfSigned(host: string): Promise<KeyPair> {
  return createAuthority({ commonName: host, days: 2 }, { clock: systemClock, random: systemRandom });
}

function sliceOf(service: string, endpoints: readonly Endpoint[]): EndpointSlice {
  return {
    metadata: { name: service, namespace: 'default', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: servicePort, protocol: 'TCP' }],
    endpoints: endpoints.map(({ address, ready = true }) => ({ addresses: [address], conditions: { ready } })),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function withLoopback(transport: Transport): Transport {
  const seen = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value).replaceAll(`["${shownNetwork}`, `["${usedNetwork}`)) as T;
  const isShown = (kind: string) => kind === EndpointSlices.kind;
  return {
    call: async (request) => {
      const answer = await transport.call(request);
      return isShown(request.type.kind) ? seen(answer) : answer;
    },
    async *watch(request, signal): AsyncGenerator<WatchEvent> {
      for await (const event of transport.watch(request, signal))
        yield isShown(request.type.kind) ? seen(event) : event;
    },
  };
}
