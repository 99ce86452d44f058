import type { Duplex } from 'node:stream';
import type { RequestHeaders, ResponseHeaders } from './headers.ts';

/** A client's connection. The same value for all its requests, so that it can be the key of what is remembered. */
export interface Connection {
  readonly protocol: 'HTTP/1.1' | 'HTTP/2.0';
  /** The certificate that the client showed, DER, proven to be his but not judged; undefined: none. */
  readonly peerCertificate: Uint8Array | undefined;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** One request and its answer, whatever protocol carries it. */
export interface Exchange {
  readonly method: string;
  /** Path with query, as sent. */
  readonly target: string;
  readonly headers: RequestHeaders;
  readonly connection: Connection;
  /** Aborted when the client has gone, or the connection has ended, before the answer was complete. */
  readonly signal: AbortSignal;
  /** Whether {@link signal} is, or would be if anybody had asked for it: to make a signal costs as much as a refusal. */
  readonly clientHasGone: boolean;
  /** Whether an answer has begun. */
  readonly hasResponded: boolean;
  /**
   * The whole body; empty where there is none. Rejects with {@link BodyTooLargeError} beyond `limit` bytes,
   * {@link BodyTimeoutError} when it comes too slowly, {@link BodyBudgetError} when the bodies of all requests together
   * are too large, {@link ClientGoneError}. A body that nobody asks for is dropped.
   */
  readBody(limit: number): Promise<Buffer>;
  /**
   * The body as it comes, for proxies; the client is not read faster than this is. Rejects with {@link
   * ClientGoneError}.
   */
  body(): AsyncIterable<Buffer>;
  /**
   * Answers at once. Parts are sent as they are and must not change afterwards; `content-length` and `date` are added.
   * An answer to HEAD has the headers of these parts only. Throws when an answer has begun already.
   */
  respond(status: number, headers: ResponseHeaders, ...parts: readonly Uint8Array[]): void;
  /**
   * Begins an answer, of unknown length but for a `content-length` among the headers; its head is sent without waiting
   * for a part.
   */
  stream(status: number, headers: ResponseHeaders): ResponseStream;
  /** For HTTP/1.1 requests with `Upgrade`: the connection and what came behind the head, once; undefined for others. */
  upgrade(): Upgrade | undefined;
}

export interface Upgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** An answer that goes on. Nothing here throws when the client has gone: the exchange's signal says so. */
export interface ResponseStream {
  /**
   * Queues parts, which must not change as long as `bufferedBytes` counts them; false: more than the stream's share waits,
   * wait for `drained()`.
   */
  write(...parts: readonly Uint8Array[]): boolean;
  /** Resolves when there is room again, or nobody is left to write to. */
  drained(): Promise<void>;
  /** What was written and waits, the oldest first to go. */
  readonly bufferedBytes: number;
  /** Completes the answer behind what waits. */
  end(): void;
  /** Breaks the answer off, so that the client sees that it is not complete. */
  destroy(): void;
}

/** Answers one exchange. A rejection breaks the answer off, or is answered 500 when none has begun. */
export type Handler = (exchange: Exchange) => void | Promise<void>;

/** A server that listens. Disposing ends all connections and resolves when they are closed. */
export interface Listener extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/** The body of a request is longer than its reader allows. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
  readonly limit: number;

  constructor(limit: number) {
    super(`Cannot read the body: it is longer than ${limit} bytes`);
    this.limit = limit;
  }
}

/** The body of a request comes too slowly. */
export class BodyTimeoutError extends Error {
  override readonly name = 'BodyTimeoutError';
}

/** The bodies that are being read hold as much as they may together; the client may try again. */
export class BodyBudgetError extends Error {
  override readonly name = 'BodyBudgetError';
}

/** The client closed the connection, or took its request back. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}
