import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { refused } from '../../apimachinery/status.ts';
import type { Exchange } from '../../http/exchange.ts';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import { answerHeaders, requestHeaders, type OwnHeaders } from './backend-headers.ts';
import { callBackend, type Destination } from './backend.ts';

export interface UpgradeOptions {
  /** Headers that replace the client's. */
  readonly headers?: OwnHeaders;
  /** The status and the beginning of the message when there is no connection. */
  readonly unreachable?: { readonly code: number; readonly text: string };
}

/** How long a backend may take to say whether it goes on in the other protocol. */
const answerMs = 30_000;
/** No more of a refusal is passed back. */
const longestRefusal = 1024 * 1024;

/**
 * Passes an upgrade on, and then bytes in both directions, whatever is spoken in them. Only the answer 101 opens the way:
 * behind any other one the client could put requests that nobody has authorized. Throws a `StatusError` when the backend
 * cannot be reached, or takes the request for an ordinary one. Resolves with the status of the answer, when the way is
 * closed again.
 */
export async function upgradeThrough(
  exchange: Exchange,
  destination: Destination,
  options: UpgradeOptions = {},
): Promise<number> {
  const { headers: own = {}, unreachable = { code: 500, text: 'error dialing backend' } } = options;
  const { method } = exchange;
  const headers = requestHeaders(exchange, true, own);
  const { call, came } = callBackend(destination, { method, headers, answerMs }, exchange.signal);
  call.end();
  const said = await came.catch((error: Error) => {
    const why = goNetworkProblem(error, hostAndPort(destination.host, destination.port));
    throw refused.other(unreachable.code, undefined, `${unreachable.text}: ${why}`);
  });
  if (said.kind === 'answer') return await passRefusal(exchange, said.answer);
  const { answer, socket, head } = said;
  const client = exchange.upgrade();
  if (client === undefined) {
    socket.destroy();
    return 499; // the client has gone
  }
  client.socket.write(headOf(answer));
  if (head.length > 0) client.socket.write(head);
  if (client.head.length > 0) socket.write(client.head);
  await tunnel(client.socket, socket);
  return 101;
}

async function passRefusal(exchange: Exchange, answer: IncomingMessage): Promise<number> {
  const { statusCode: code = 502 } = answer;
  if (code < 400) {
    answer.destroy();
    throw refused.other(500, undefined, `invalid upgrade response: status code ${code}`);
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    parts.push(part as Buffer);
    if ((size += (part as Buffer).length) > longestRefusal) break;
  }
  exchange.respond(code, answerHeaders(answer, true), ...parts);
  return code;
}

/** The backend's words, with its headers as it wrote them. */
function headOf({ rawHeaders }: IncomingMessage): Buffer {
  const lines = ['HTTP/1.1 101 Switching Protocols'];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** Both directions, each ended on its own: a client that has sent all may still read. Resolves when both are closed. */
function tunnel(client: Duplex, backend: Duplex): Promise<unknown> {
  client.pipe(backend);
  backend.pipe(client);
  backend.once('close', () => {
    client.once('finish', () => client.destroy());
    client.end();
  });
  client.once('close', () => backend.destroy());
  client.on('error', () => backend.destroy());
  backend.on('error', () => client.destroy());
  return Promise.all([closed(client), closed(backend)]);
}

function closed(stream: Duplex): Promise<void> {
  return stream.closed ? Promise.resolve() : new Promise((resolve) => stream.once('close', resolve));
}
