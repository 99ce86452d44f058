import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StatusError } from '../../apimachinery/status.ts';
import type { Exchange, Handler } from '../../http/exchange.ts';

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
