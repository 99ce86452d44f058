import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { refused, StatusError, type Status } from '../../apimachinery/status.ts';
import { refusal } from '../../client/answers.ts';
import { JsonLines } from '../../client/json-lines.ts';
import { ConnectionError } from '../../client/connection-error.ts';
import type { HttpAnswer, HttpConnection } from '../../client/node/http-connection.ts';
import { withoutAnnotations } from '../discreet.ts';
import type { Form, Forwarded } from '../guard.ts';

/** The API server. */
export interface Upstream {
  readonly connection: HttpConnection;
  /** Called when it could not be reached. */
  lost(): void;
}

const json = 'application/json';
const accepted: Readonly<Record<Form, string>> = {
  // Logs are text.
  json: `${json}, */*`,
  table: `${json};as=Table;v=v1;g=meta.k8s.io`,
  discovery: `${json};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`,
};
/** The peer of a WebSocket learns from these codes whether the server ended a watch, or was lost. */
const ended = 1000;
const broken = 1011;

/** Asks the API server and passes its answer on as it comes, watches too: nothing waits for the end. */
export async function forwardAnswer(upstream: Upstream, forwarded: Forwarded, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const answer = await ask(upstream, forwarded, gone.signal);
    response.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? json });
    for await (const chunk of bodyOf(answer, forwarded)) {
      if (!response.write(chunk)) await once(response, 'drain', { signal: gone.signal });
    }
    response.end();
  } catch (error) {
    if (gone.signal.aborted) return;
    // Whoever reads half an answer must not take it for a whole one.
    if (response.headersSent) response.destroy();
    else answerStatus(response, statusOf(error));
  }
}

/** The same for a watch over a WebSocket, of which a browser may have any number; a refusal comes as an ERROR event. */
export async function forwardWatch(upstream: Upstream, forwarded: Forwarded, socket: WebSocket): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  socket.on('error', () => gone.abort());
  try {
    const answer = await ask(upstream, forwarded, gone.signal);
    if (answer.status === 200) for await (const chunk of bodyOf(answer, forwarded)) await send(socket, chunk);
    else await send(socket, Buffer.from(`${JSON.stringify({ type: 'ERROR', object: await statusIn(answer) })}\n`));
    socket.close(ended);
  } catch (error) {
    if (!gone.signal.aborted) socket.close(broken, reasonOf(error));
  }
}

export function answerStatus(response: ServerResponse, status: Status): void {
  response.writeHead(status.code, { 'content-type': json }).end(`${JSON.stringify(status)}\n`);
}

async function ask({ connection, lost }: Upstream, { url, form }: Forwarded, signal: AbortSignal): Promise<HttpAnswer> {
  const headers = { accept: accepted[form], 'user-agent': 'kubeling-dashboard' };
  try {
    return await connection.send({ method: 'GET', path: url, headers, signal });
  } catch (error) {
    if (error instanceof ConnectionError) lost();
    throw error;
  }
}

/** As it comes, but for what has to be read before it may be passed. */
async function* bodyOf({ body }: HttpAnswer, { isDiscreet, isWatch }: Forwarded): AsyncIterable<Uint8Array> {
  if (!isDiscreet) return yield* body;
  const line = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(withoutAnnotations(value))}\n`);
  if (!isWatch) return yield line(JSON.parse(await textOf(body)));
  const lines = new JsonLines();
  for await (const chunk of body) for (const value of lines.push(chunk)) yield line(value);
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function statusIn({ status, body }: HttpAnswer): Promise<Status> {
  return refusal(status, await textOf(body)).status;
}

function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status;
  if (error instanceof ConnectionError) return refused.unavailable(error.message).status;
  return refused.internal(error instanceof Error ? error.message : String(error)).status;
}

/** Resolves when the bytes are on their way, so that a slow page slows the server down and fills no memory here. */
function send(socket: WebSocket, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => socket.send(chunk, (error) => (error ? reject(error) : resolve())));
}

/** A WebSocket has room for 123 bytes. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return Buffer.from(text)
    .subarray(0, 120)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}
