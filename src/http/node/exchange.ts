import { ServerResponse, type IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { onAbort } from '../../base/abort.ts';
import {
  BodyTooLargeError,
  ClientGoneError,
  type Connection,
  type Exchange,
  type ResponseStream,
  type Upgrade,
} from '../exchange.ts';
import { RequestHeaders, type ResponseHeaders } from '../headers.ts';

export type NodeRequest = IncomingMessage | Http2ServerRequest;
/** HTTP/2 answers are used through the part that they share with HTTP/1.1. */
export type NodeResponse = ServerResponse | (Http2ServerResponse & ServerResponse);

/** So much may wait for one stream before its writer is asked to pause, in bytes. */
const streamShare = 256 * 1024;

/** An exchange over a request of Node's HTTP server. */
export class NodeExchange implements Exchange {
  readonly connection: Connection;
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  readonly #request: NodeRequest;
  readonly #response: NodeResponse;
  readonly #aborter = new AbortController();
  #upgrade: Upgrade | undefined;
  #responded = false;

  /** With an `upgrade` there is no response yet: it is made for the socket. */
  constructor(connection: Connection, request: NodeRequest, response: NodeResponse | undefined, upgrade?: Upgrade) {
    this.connection = connection;
    this.method = request.method ?? 'GET';
    this.target = request.url ?? '/';
    const raw: string[] = [];
    for (const [at, text] of request.rawHeaders.entries())
      if (at % 2 === 0 && !text.startsWith(':')) raw.push(text.toLowerCase(), request.rawHeaders[at + 1]!);
    const authority = 'stream' in request ? request.headers[':authority'] : undefined;
    if (authority !== undefined && !raw.includes('host')) raw.unshift('host', authority);
    this.headers = new RequestHeaders(raw);
    this.#request = request;
    this.#response = response ?? responseOn(request as IncomingMessage, upgrade!);
    this.#upgrade = upgrade;
    const stream = 'stream' in request ? request.stream : undefined;
    const gone = (): void => {
      const isComplete = stream === undefined ? this.#response.writableFinished : stream.rstCode === 0;
      if (!isComplete) this.#aborter.abort(new ClientGoneError('the client closed the connection'));
    };
    this.#response.on('error', () => {});
    (stream ?? this.#response).on('close', gone);
    // Until its end was read, Node keeps to itself that a client has gone.
    if (stream?.endAfterHeaders === true) request.resume();
    upgrade?.socket.on('error', () => upgrade.socket.destroy());
    upgrade?.socket.on('close', gone);
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  get hasResponded(): boolean {
    return this.#responded;
  }

  readBody(limit: number): Promise<Buffer> {
    const request = this.#request;
    if (Number(this.headers.get('content-length') ?? 0) > limit) {
      request.resume();
      return Promise.reject(new BodyTooLargeError(limit));
    }
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      let size = 0;
      request.on('data', (part: Buffer) => {
        size += part.length;
        if (size <= limit) parts.push(part);
        else parts.length = 0;
      });
      request.on('end', () => {
        if (size > limit) reject(new BodyTooLargeError(limit));
        else resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
      });
      const gone = (): void => reject(new ClientGoneError('the client closed the connection'));
      request.on('error', gone);
      request.on('aborted', gone);
      request.on('close', gone);
    });
  }

  async *body(): AsyncIterable<Buffer> {
    try {
      for await (const part of this.#request) yield part as Buffer;
    } catch (error) {
      throw new ClientGoneError('the client closed the connection', { cause: error });
    }
  }

  respond(status: number, headers: ResponseHeaders, ...parts: readonly Uint8Array[]): void {
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    const hasBody = status !== 204 && status !== 304;
    this.#begin(status, hasBody ? { 'content-length': String(size), ...headers } : headers);
    const isSent = hasBody && this.method !== 'HEAD' && size > 0;
    this.#response.end(isSent ? (parts.length === 1 ? parts[0] : Buffer.concat(parts)) : undefined);
    this.#request.resume();
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    this.#begin(status, headers);
    const response = this.#response;
    response.flushHeaders();
    const isSilent = this.method === 'HEAD';
    return {
      write: (...parts) => {
        if (response.destroyed || response.writableEnded || isSilent) return true;
        response.write(parts.length === 1 ? parts[0] : Buffer.concat(parts));
        return response.writableLength <= streamShare;
      },
      drained: async () => {
        while (response.writableLength > streamShare && !this.signal.aborted) {
          const { promise, resolve } = Promise.withResolvers<void>();
          const unlink = onAbort(this.signal, resolve);
          response.once('drain', resolve);
          await promise;
          response.removeListener('drain', resolve);
          unlink();
        }
      },
      get bufferedBytes() {
        return response.writableLength;
      },
      end: () => {
        response.end();
        this.#request.resume();
      },
      destroy: () => void this.#breakOff(),
    };
  }

  upgrade(): Upgrade | undefined {
    const upgrade = this.#upgrade;
    this.#upgrade = undefined;
    if (upgrade !== undefined) {
      this.#responded = true;
      this.#response.detachSocket(upgrade.socket as Socket);
    }
    return upgrade;
  }

  /** Ends what its handler left without an answer. */
  fail(): void {
    if (this.#responded) this.#breakOff();
    else this.respond(500, {});
  }

  #breakOff(): void {
    if ('stream' in this.#request) this.#request.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else this.#response.destroy();
  }

  #begin(status: number, headers: ResponseHeaders): void {
    if (this.#responded) throw new Error(`Cannot answer "${this.target}": an answer has begun already`);
    this.#responded = true;
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) this.#response.setHeader(name, value as string | string[]);
    this.#response.writeHead(status);
  }
}

/** An upgrade that is refused is answered like any request, and its connection ends. */
function responseOn(request: IncomingMessage, { socket }: Upgrade): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on('finish', () => socket.end());
  return response;
}
