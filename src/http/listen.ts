import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../base/clock.ts';
import type { Handler, Listener } from './exchange.ts';
import { Http1Connection } from './http1/connection.ts';
import { Http2Connection } from './http2/connection.ts';
import { defaultLimits, type HttpLimits } from './limits.ts';
import type { ListenOptions } from './options.ts';
import { answerPlainHttp } from './plain-http.ts';
import { createServerContext, type ServerConnection } from './server-context.ts';

const sweepEveryMs = 1000;

export interface ServerOptions extends ListenOptions {
  readonly clock: Clock;
  readonly limits?: Partial<HttpLimits>;
}

export interface TlsListener extends Listener {
  /** Shows another certificate to whoever connects from now on. PEM texts. */
  useIdentity(identity: Pick<ListenOptions, 'certificate' | 'key'>): void;
}

/** Serves HTTP/2 and HTTP/1.1 over TLS. Client certificates are asked for, and judged by the handler alone. */
export async function listenForHttp(options: ServerOptions, handler: Handler): Promise<TlsListener> {
  const { clock } = options;
  const limits: HttpLimits = { ...defaultLimits, ...options.limits };
  const context = createServerContext(limits, clock, handler);
  const connections = new Map<TLSSocket, ServerConnection>();
  const contextFor = ({ certificate, key }: Pick<ListenOptions, 'certificate' | 'key'>) => ({
    key,
    cert: certificate,
    ca: options.clientAuthority,
    minVersion: 'TLSv1.2' as const,
  });
  const server = createServer({
    ...contextFor(options),
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: limits.handshakeMs,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  });
  server.maxConnections = limits.connections;
  answerPlainHttp(server);
  server.on('secureConnection', (socket) => {
    const Kind = socket.alpnProtocol === 'h2' ? Http2Connection : Http1Connection;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
    connections.set(socket, new Kind(socket, context));
  });
  // Node tells of a handshake that takes too long, and leaves the connection open.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  let timer: Timer;
  const sweepLater = (): void => {
    timer = clock.setTimer(sweepEveryMs, () => {
      const now = clock.monotonic();
      for (const connection of connections.values()) connection.sweep(now);
      sweepLater();
    });
  };
  sweepLater();
  return {
    host: options.host,
    port: (server.address() as AddressInfo).port,
    useIdentity: (identity) => server.setSecureContext(contextFor(identity)),
    async [Symbol.asyncDispose]() {
      timer.cancel();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections.values()) connection.close();
      await closed;
    },
  };
}
