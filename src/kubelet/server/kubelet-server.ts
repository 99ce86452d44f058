import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { callerOf, isTrusted, type KubeletCaller } from './client-identity.ts';
import type { KubeletHost } from './kubelet-host.ts';
import { readLogOptions } from './logs/log-options.ts';
import { readLog } from './logs/read-log.ts';
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
  /** Asked for callers other than the API server: may they do this? By default nobody else may do anything. */
  readonly authorize?: (caller: KubeletCaller, method: string, path: string) => Promise<boolean>;
}

export interface KubeletServer extends AsyncDisposable {
  readonly port: number;
}

/** Serves the node's part of logs, exec, attach and port forwarding over HTTPS, to callers with a client certificate. */
export async function startKubeletServer(options: KubeletServerOptions): Promise<KubeletServer> {
  const { kubelet, log } = options;
  const connections = new Set<Duplex>();
  const stop = new AbortController();
  const server = createServer({
    key: options.key,
    cert: options.certificate,
    ca: options.clientAuthority,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
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
    const served = admit(options, request).then((target) => serve(options, target, response, stop.signal));
    served.catch((error: unknown) => refuse(response, error, log));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const served = admit(options, request).then((target) => serveUpgrade(kubelet, target, { request, socket, head }));
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
    async [Symbol.asyncDispose]() {
      stop.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

/** Who asks, whether they may, and for what. Throws {@link RequestRefusal}. */
async function admit(options: KubeletServerOptions, request: IncomingMessage): Promise<RequestTarget> {
  const caller = callerOf(request.socket as TLSSocket);
  if (caller === undefined) throw new RequestRefusal(401, 'Unauthorized');
  const { method = 'GET', url = '/' } = request;
  if (!isTrusted(caller) && !(await options.authorize?.(caller, method, url)))
    throw new RequestRefusal(
      403,
      `Forbidden (user=${caller.name}, verb=${method.toLowerCase()}, resource=nodes, subresource=proxy)`,
    );
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
    case 'logs':
      return serveLogs(options, target, response, stop);
    case 'unknown':
      throw new RequestRefusal(404, '404 page not found');
    default:
      throw new RequestRefusal(400, 'Upgrade request required');
  }
}

async function serveLogs(
  { kubelet, clock }: KubeletServerOptions,
  target: RequestTarget & { kind: 'logs' },
  response: ServerResponse,
  stop: AbortSignal,
): Promise<void> {
  const { namespace, pod, container, previous, query } = target;
  const wanted = readLogOptions(query, clock.now());
  if (typeof wanted === 'string') throw new RequestRefusal(422, wanted);
  if (!kubelet.pods().some(({ metadata }) => metadata.namespace === namespace && metadata.name === pod))
    throw new RequestRefusal(404, `pod "${pod}" does not exist\n`);
  const found = kubelet.findContainer(namespace, pod, container, previous);
  if (typeof found === 'string') throw new RequestRefusal(400, found);

  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, stop]);
  const isRunning = async (): Promise<boolean> =>
    (await kubelet.runtime.containerStatus(found.containerId))?.state === 'running';
  let isStarted = false;
  const start = (): void => {
    if (isStarted) return;
    isStarted = true;
    response.writeHead(200, { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' });
    response.flushHeaders();
  };
  if (wanted.follow) start();
  try {
    for await (const piece of readLog({ path: found.logPath, isRunning }, wanted, clock, signal)) {
      start();
      if (!response.write(piece)) await drained(response);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' || isStarted) throw error;
    throw new RequestRefusal(400, `unable to retrieve container logs for ${found.containerId}: its log file is gone`);
  }
  start();
  response.end();
}

/** Resolves when the client has taken what was written, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });
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
