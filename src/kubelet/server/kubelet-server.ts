import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { admit } from './access/admit.ts';
import { noAccess, type KubeletAccess } from './access/kubelet-access.ts';
import type { KubeletHost } from './kubelet-host.ts';
import { serveLogs } from './logs/serve-logs.ts';
import { serveMetrics } from './metrics.ts';
import { RequestRefusal } from './refusal.ts';
import { requestTarget, type RequestTarget } from './request-target.ts';
import { serveUpgrade } from './upgrades.ts';

export interface KubeletServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM of the node's certificate and key, and of the authority of clients. */
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
  readonly kubelet: KubeletHost;
  /** Requests wait for this: before it the kubelet does not know its pods (default: nothing). */
  readonly ready?: Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Knows what others than the API server may do (default: nothing). */
  readonly access?: KubeletAccess;
}

export interface KubeletServer extends AsyncDisposable {
  readonly port: number;
  /** Shows another certificate to whoever connects from now on. PEM texts. */
  useIdentity(identity: Pick<KubeletServerOptions, 'certificate' | 'key'>): void;
}

/** Serves the node's part of logs, exec, attach and port forwarding, and what it measures, over HTTPS to those who may. */
export async function startKubeletServer(options: KubeletServerOptions): Promise<KubeletServer> {
  const { kubelet, log } = options;
  const connections = new Set<Duplex>();
  const stop = new AbortController();
  const contextFor = ({ certificate, key }: Pick<KubeletServerOptions, 'certificate' | 'key'>) => ({
    key,
    cert: certificate,
    ca: options.clientAuthority,
    minVersion: 'TLSv1.2' as const,
  });
  const server = createServer({
    ...contextFor(options),
    requestCert: true,
    rejectUnauthorized: false,
    keepAliveTimeout: 120_000,
    noDelay: true,
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    connections.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    response.on('error', () => {});
    const served = accept(options, request).then((target) => serve(options, target, response, stop.signal));
    served.catch((error: unknown) => refuse(response, error, log));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const served = accept(options, request).then((target) => serveUpgrade(kubelet, target, { request, socket, head }));
    served.catch((error: unknown) => refuseUpgrade(socket, error, log));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    useIdentity: (identity) => server.setSecureContext(contextFor(identity)),
    async [Symbol.asyncDispose]() {
      stop.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

/** What is asked for, when the caller may have it. Throws {@link RequestRefusal}. */
async function accept(options: KubeletServerOptions, request: IncomingMessage): Promise<RequestTarget> {
  const url = request.url ?? '/';
  await admit(options.access ?? noAccess, request, new URL(url, 'https://localhost').pathname, options.log);
  const target = requestTarget(url);
  if (target.kind !== 'healthz') await options.ready;
  return target;
}

async function serve(
  options: KubeletServerOptions,
  target: RequestTarget,
  response: ServerResponse,
  stop: AbortSignal,
): Promise<void> {
  switch (target.kind) {
    case 'healthz':
      response.end('ok');
      return;
    case 'pods': {
      const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: options.kubelet.pods() };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
      return;
    }
    case 'metrics':
    case 'resourceMetrics':
    case 'summary':
      return serveMetrics(options, target.kind, response);
    case 'logs':
      return serveLogs(options, target, response, stop);
    case 'unknown':
      throw new RequestRefusal(404, '404 page not found');
    default:
      throw new RequestRefusal(400, 'Upgrade request required');
  }
}

function refuse(response: ServerResponse, error: unknown, log: Logger): void {
  if (!(error instanceof RequestRefusal)) log.error('Request failed', { error });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const code = error instanceof RequestRefusal ? error.code : 500;
  response.writeHead(code, { 'content-type': 'text/plain' }).end((error as Error).message);
}

function refuseUpgrade(socket: Duplex, error: unknown, log: Logger): void {
  if (!(error instanceof RequestRefusal)) log.error('Upgrade failed', { error });
  const code = error instanceof RequestRefusal ? error.code : 500;
  const text = (error as Error).message;
  const lines = [
    `HTTP/1.1 ${code} Refused`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`);
}
