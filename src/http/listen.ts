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

type ShownIdentity = Pick<ListenOptions, 'certificate' | 'key' | 'clientAuthority'>;

export interface TlsListener extends Listener {
  /** Shows another certificate, or other authorities, to whoever connects from now on. PEM texts; what is left out stays. */
  useIdentity(identity: Partial<ShownIdentity>): void;
}

/** Serves HTTP/2 and HTTP/1.1 over TLS. Client certificates are asked for, and judged by the handler alone. */
export async function listenForHttp(options: ServerOptions, handler: Handler): Promise<TlsListener> {
  const { clock } = options;
  const limits: HttpLimits = { ...defaultLimits, ...options.limits };
  const context = createServerContext(limits, clock, handler);
  const connections = new Map<TLSSocket, ServerConnection>();
  let identity: ShownIdentity = options;
  const contextFor = ({ certificate, key, clientAuthority }: ShownIdentity) => ({
    key,
    cert: certificate,
    ca: clientAuthority,
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
    useIdentity(other) {
      identity = { ...identity, ...other };
      server.setSecureContext(contextFor(identity));
    },
    async [Symbol.asyncDispose]() {
      timer.cancel();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections.values()) connection.close();
      await closed;
    },
  };
}
