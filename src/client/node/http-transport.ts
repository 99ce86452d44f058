import type { ApiRequest, Transport } from '../../apimachinery/request.ts';
import { deadline, DeadlineError } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { refusal, watchEvents } from '../answers.ts';
import { ConnectionError } from '../connection-error.ts';
import { freezeDeep } from '../freeze.ts';
import { bodyContentType, methodOf, requestPath } from '../../apimachinery/request-path.ts';
import { HttpConnection, type HttpAnswer, type ServerAccess } from './http-connection.ts';

export interface HttpTransportOptions {
  readonly clock: Clock;
  /** `kubelet/1.36.0`: shown in audit and managed fields. */
  readonly userAgent: string;
  /** How long a call may take, in milliseconds (default 60,000). Watches have no limit. */
  readonly timeoutMs?: number;
  /** Largest answer accepted, in bytes (default 512 MiB). */
  readonly maximumAnswerBytes?: number;
}

export interface HttpTransport extends Transport, AsyncDisposable {
  /** GET of a path that is no resource: `/readyz`, `/version`. Answers the text; a refusal rejects with `StatusError`. */
  text(path: string, signal?: AbortSignal): Promise<string>;
  /**
   * POSTs what `lines` yields, as it comes. Resolves when the server has ended its answer; a refusal rejects with
   * `StatusError`.
   */
  tell(path: string, lines: AsyncIterable<string>, signal: AbortSignal): Promise<void>;
  /** Has new requests sent with the access as it is now; those that are open, such as watches, go on as they are. */
  reconnect(): void;
}

const mostAttempts = 10;

/**
 * Calls over HTTPS. Connections are made when needed. A read that lost its connection is sent once more; a call that
 * the server put off (429 with Retry-After) waits and repeats; anything else is for the caller to judge.
 */
export function createHttpTransport(
  access: ServerAccess | (() => ServerAccess),
  options: HttpTransportOptions,
): HttpTransport {
  const connection = new HttpConnection(typeof access === 'function' ? access : () => access, options.clock);
  const { clock, userAgent, timeoutMs = 60_000, maximumAnswerBytes = 512 * 1024 * 1024 } = options;

  async function exchange(
    method: string,
    path: string,
    content?: { type: string; body: string },
    stop?: AbortSignal,
  ): Promise<string> {
    using limit = deadline(clock, timeoutMs, stop);
    const headers = headersOf(userAgent, content?.type);
    const request = { method, path, headers, ...(content && { body: content.body }), signal: limit.signal };
    try {
      for (let attempt = 1; ; attempt++) {
        const answer = await sendReadAgain(connection, request);
        const text = await readText(answer, maximumAnswerBytes);
        if (answer.status < 300) return text;
        const putOffSeconds = Number(answer.headers['retry-after']);
        if (answer.status !== 429 || !(putOffSeconds > 0) || attempt === mostAttempts)
          throw refusal(answer.status, text);
        await clock.sleep(putOffSeconds * 1000, limit.signal);
      }
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      throw new ConnectionError(`Cannot complete ${method} ${path}: no answer within ${timeoutMs} ms`, {
        cause: error,
      });
    }
  }

  return {
    async call(request) {
      const content =
        request.body === undefined ? undefined : { type: bodyContentType(request), body: JSON.stringify(request.body) };
      return freezeDeep(JSON.parse(await exchange(methodOf(request), requestPath(request), content)) as unknown);
    },
    async *watch(request: ApiRequest, signal: AbortSignal) {
      try {
        const answer = await connection.send({
          method: 'GET',
          path: requestPath(request),
          headers: headersOf(userAgent),
          signal,
        });
        if (answer.status !== 200) throw refusal(answer.status, await readText(answer, maximumAnswerBytes));
        yield* watchEvents(answer.body);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    text: (path, signal) => exchange('GET', path, undefined, signal),
    async tell(path, lines, signal) {
      const headers = headersOf(userAgent, 'text/plain');
      const answer = await connection.send({ method: 'POST', path, headers, body: lines, signal });
      const text = await readText(answer, maximumAnswerBytes);
      if (answer.status !== 200) throw refusal(answer.status, text);
    },
    reconnect: () => connection.reconnect(),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

async function sendReadAgain(
  connection: HttpConnection,
  request: Parameters<HttpConnection['send']>[0],
): Promise<HttpAnswer> {
  try {
    return await connection.send(request);
  } catch (error) {
    if (request.method !== 'GET' || !(error instanceof ConnectionError)) throw error;
    return connection.send(request);
  }
}

async function readText({ body }: HttpAnswer, maximumBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maximumBytes)
      throw new ConnectionError(`Cannot read the answer: it is longer than ${maximumBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf(userAgent: string, contentType?: string): Record<string, string> {
  const headers = { accept: 'application/json', 'user-agent': userAgent };
  return contentType === undefined ? headers : { ...headers, 'content-type': contentType };
}
