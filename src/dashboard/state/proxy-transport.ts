import type { Transport } from '../../apimachinery/request.ts';
import { AsyncQueue } from '../../base/async-queue.ts';
import { onAbort } from '../../base/abort.ts';
import { refusal, watchEvents } from '../../client/answers.ts';
import { ConnectionError } from '../../client/connection-error.ts';
import { freezeDeep } from '../../client/freeze.ts';
import { requestPath } from '../../apimachinery/request-path.ts';

/** How things are between the page and the cluster. */
export type Reach = 'reached' | 'server lost' | 'proxy lost';

/** Reads only: that is all that the proxy passes. */
export interface ProxyTransport extends Transport {
  /** The JSON at a path; not frozen, as the caller has it alone. */
  read(path: string): Promise<unknown>;
  /** The text at a path as it comes, until it ends or the signal aborts. */
  readText(path: string, signal: AbortSignal): AsyncIterable<string>;
}

const endedByServer = 1000;
const serverLost = 1011;

/**
 * Calls over the dashboard's proxy. Watches come over WebSockets, as a browser has six connections for everything else.
 * `report` hears after every attempt how far it got.
 */
export function createProxyTransport(origin: string, report: (reach: Reach) => void): ProxyTransport {
  async function ask(path: string, signal?: AbortSignal): Promise<Response> {
    const response = await fetch(origin + path, signal && { signal }).catch((cause) => {
      signal?.throwIfAborted();
      report('proxy lost');
      throw new ConnectionError(`Cannot reach ${origin}: the dashboard does not answer`, { cause });
    });
    report(response.status === 503 ? 'server lost' : 'reached');
    if (!response.ok) throw refusal(response.status, await response.text());
    return response;
  }

  async function read(path: string): Promise<unknown> {
    const response = await ask(path);
    return (await response.json()) as unknown;
  }

  return {
    read,
    async *readText(path, signal) {
      const { body } = await ask(path, signal);
      if (body !== null) yield* body.pipeThrough(new TextDecoderStream());
    },
    call: async (request) => freezeDeep(await read(requestPath(request))),
    async *watch(request, signal) {
      const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}${requestPath(request)}`);
      const chunks = receive(socket, report);
      const unlink = onAbort(signal, () => chunks.close());
      try {
        yield* watchEvents(chunks);
      } finally {
        unlink();
        socket.close();
      }
    },
  };
}

/** What a socket receives, until it closes; being lost is an error. */
function receive(socket: WebSocket, report: (reach: Reach) => void): AsyncQueue<Uint8Array> {
  const chunks = new AsyncQueue<Uint8Array>();
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    report('reached');
    chunks.push(new Uint8Array(data as ArrayBuffer));
  });
  socket.addEventListener('close', ({ code, reason }) => {
    if (chunks.closed || code === endedByServer) return chunks.close();
    report(code === serverLost ? 'server lost' : 'proxy lost');
    chunks.close(new ConnectionError(`Cannot go on watching: ${reason === '' ? 'the connection broke' : reason}`));
  });
  return chunks;
}
