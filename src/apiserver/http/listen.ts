import { constants, createSecureServer, type Http2SecureServer, type Http2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HandlerParts } from './handler.ts';
import { type Request, type Response } from './exchange.ts';
import { serve } from './handler.ts';
import { statusErrorOf } from './errors.ts';
import { pathOf, readQuery } from './query.ts';
import { refuseUnrouted, requestInfo } from './request-info.ts';
import { refused, type Status } from '../../apimachinery/status.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM of the server's certificate and key, and of the authority of client certificates. */
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
}

export interface Listener extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/** Serves HTTP/2 and HTTP/1.1 over TLS. Client certificates are asked for and judged by the authenticator. */
export async function listen(parts: HandlerParts, options: ListenOptions): Promise<Listener> {
  const server = createSecureServer({
    allowHTTP1: true,
    key: options.key,
    cert: options.certificate,
    ca: options.clientAuthority,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    // A client-go process opens its watches and requests on one connection, and cancels many of them.
    maxSessionMemory: 256,
    settings: { maxConcurrentStreams: 2000, initialWindowSize: 1024 * 1024 },
    streamResetBurst: 10_000,
    streamResetRate: 1000,
  } as Parameters<typeof createSecureServer>[0]);
  const connections = new Set<Socket>();
  const sessions = new Set<Http2Session>();
  server.on('secureConnection', (socket) => {
    connections.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  server.on('sessionError', () => {});
  server.on('request', (request, response) => {
    response.on('error', () => {});
    void serve(parts, request, response as Response);
  });
  server.on('upgrade', (request: Request, socket: Duplex, head: Buffer) => void upgrade(parts, request, socket, head));
  keepAlive(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: options.host,
    port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

/** HTTP/1.1 clients keep their connections longer than Node's five seconds. */
function keepAlive(server: Http2SecureServer): void {
  Object.assign(server, { keepAliveTimeout: 120_000 });
}

async function upgrade(parts: HandlerParts, request: Request, socket: Duplex, head: Buffer): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    const target = request.url ?? '/';
    const query = readQuery(target);
    const info = requestInfo(request.method ?? 'GET', pathOf(target), query);
    const user = await parts.gate.admit(request, info, query);
    if (!info.isResource) throw refused.pathNotFound();
    const served = parts.core.catalogs.current.find(info.group, info.version, info.resource);
    if (served === undefined) throw refused.pathNotFound();
    refuseUnrouted(request.method ?? 'GET', info);
    const subresource = served.facts.subresources.find(({ name }) => name === info.subresource);
    if (subresource?.verbs.some((verb) => verb === info.verb) === false) throw refused.methodNotAllowed();
    await parts.streams.upgrade(served, info, query, user, request, socket, head);
  } catch (error) {
    refuseUpgrade(socket, statusErrorOf(error, parts.core.context.log).status);
  }
}

function refuseUpgrade(socket: Duplex, status: Status): void {
  const body = `${JSON.stringify(status)}\n`;
  const lines = [
    `HTTP/1.1 ${status.code} ${status.reason ?? 'Error'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ];
  socket.end(lines.join('\r\n'));
}
