import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StatusError } from '../../src/apimachinery/status.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import type { Exchange, Handler, Listener } from '../../src/http/exchange.ts';
import { listenForHttp } from '../../src/http/listen.ts';
import { createTestCertificates } from './certificates.ts';

/** A web server of a pod, on loopback. */
export interface TestBackend extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly server: Server;
}

export async function startBackend(listener: RequestListener): Promise<TestBackend> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    server,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers refusals as the server does, and forgets what fails when the client has gone. */
export function answering(handle: (exchange: Exchange) => Promise<void>): Handler {
  return async (exchange) => {
    try {
      await handle(exchange);
    } catch (error) {
      if (!(error instanceof StatusError) || exchange.hasResponded) throw error;
      const { code = 500, message = '' } = error.status;
      exchange.respond(code, { 'content-type': 'text/plain' }, Buffer.from(message));
    }
  };
}

/** Servers over TLS on loopback, and the authority by which their clients know them. */
export async function prepareServer(): Promise<{ authority: string; serve: (handler: Handler) => Promise<Listener> }> {
  const { authority, server } = await createTestCertificates();
  const options = { host: '127.0.0.1', port: 0, ...server, clientAuthority: authority, clock: systemClock };
  return { authority, serve: (handler) => listenForHttp(options, handler) };
}
