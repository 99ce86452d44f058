import { createSecureServer, constants, type Http2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Connection, Handler, Listener } from '../exchange.ts';
import type { ListenOptions } from '../options.ts';
import { NodeExchange, type NodeRequest, type NodeResponse } from './exchange.ts';

/** Serves over Node's own HTTP server, until the lean one takes its place. Never rejects for what a client does. */
export async function listenWithNode(options: ListenOptions, handler: Handler): Promise<Listener> {
  const server = createSecureServer({
    allowHTTP1: true,
    key: options.key,
    cert: options.certificate,
    ca: options.clientAuthority,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    maxSessionMemory: 256,
    settings: { maxConcurrentStreams: 2000, initialWindowSize: 1024 * 1024 },
    streamResetBurst: 10_000,
    streamResetRate: 1000,
  } as Parameters<typeof createSecureServer>[0]);
  // HTTP/1.1 clients keep their connections longer than Node's five seconds.
  Object.assign(server, { keepAliveTimeout: 120_000 });
  const sockets = new Set<TLSSocket>();
  const sessions = new Set<Http2Session>();
  const connections = new WeakMap<object, Connection>();
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
  });
  server.on('sessionError', () => {});

  function connectionOf(request: NodeRequest): Connection {
    const isStream = 'stream' in request;
    const owner = isStream ? (request.stream.session ?? request) : request.socket;
    let connection = connections.get(owner);
    if (connection === undefined) {
      const socket = ('socket' in owner ? owner.socket : owner) as TLSSocket;
      connection = {
        protocol: isStream ? 'HTTP/2.0' : 'HTTP/1.1',
        peerCertificate: socket.getPeerX509Certificate?.()?.raw,
        remoteAddress: socket.remoteAddress ?? '',
        remotePort: socket.remotePort ?? 0,
      };
      connections.set(owner, connection);
    }
    return connection;
  }

  async function answer(exchange: NodeExchange): Promise<void> {
    try {
      await handler(exchange);
    } catch {
      exchange.fail();
    }
  }

  server.on('request', (request, response) => {
    void answer(new NodeExchange(connectionOf(request), request, response as NodeResponse));
  });
  server.on('upgrade', (request: NodeRequest, socket: Duplex, head: Buffer) => {
    void answer(new NodeExchange(connectionOf(request), request, undefined, { socket, head }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return {
    host: options.host,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
