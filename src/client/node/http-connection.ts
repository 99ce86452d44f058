import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2';
import { pipeline, Readable } from 'node:stream';
import { onAbort } from '../../base/abort.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { ConnectionError } from '../connection-error.ts';

/** How to reach a server and who asks. PEM texts. */
export interface ServerAccess {
  /** `https://host:port`. */
  readonly server: string;
  /** Trusted authorities; absent: those of the system. */
  readonly ca?: string;
  /** The name that the server's certificate must carry; absent: the host of `server`. */
  readonly serverName?: string;
  /** Trust any certificate. */
  readonly insecure?: boolean;
  /** Client certificate and key. */
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
}

export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** One that is iterated is sent as it comes; the answer may begin before it ends. */
  readonly body?: string | Uint8Array | AsyncIterable<string>;
  /** Cancels the request, even while its answer is read. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Read at the consumer's pace: what is not read stays with the server. */
  readonly body: AsyncIterable<Uint8Array>;
}

const pingEveryMs = 20_000;
const pingTimeoutMs = 10_000;
const streamWindowBytes = 1024 * 1024;
const sessionWindowBytes = 16 * 1024 * 1024;

/** Requests that a connection has open: servers take 1,000 or fewer, and let those wait that are more. */
const mostOpen = 500;

/**
 * An HTTP/2 connection to a server, made when first needed and anew after it broke; another one beside it where it has
 * as many open requests as one may have. A peer that vanished without a word is noticed by an unanswered ping, and all
 * open requests then fail.
 */
export class HttpConnection implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #access: () => ServerAccess;
  /** Those that take new requests, with how many are open on each. */
  readonly #sessions = new Map<ClientHttp2Session, number>();
  /** Those that only end what was begun on them. */
  readonly #retired = new Set<ClientHttp2Session>();
  #closed = false;

  /** `access` is asked for every new connection and request, so that renewed certificates and tokens are used. */
  constructor(access: () => ServerAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  /**
   * Resolves with the head of the answer, whatever its status. Rejects with {@link ConnectionError}, or the signal's
   * reason.
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    request.signal?.throwIfAborted();
    const access = this.#access();
    const session = this.#open(access);
    const stream = session.request(
      {
        ':method': request.method,
        ':path': request.path,
        ...(access.token === undefined ? {} : { authorization: `Bearer ${access.token}` }),
        ...request.headers,
      },
      { endStream: request.body === undefined },
    );
    this.#count(session, 1);
    stream.once('close', () => this.#count(session, -1));
    const unlink = request.signal === undefined ? () => {} : onAbort(request.signal, () => cancel(stream));
    stream.once('close', unlink);
    if (typeof request.body === 'string' || request.body instanceof Uint8Array) stream.end(request.body);
    else if (request.body !== undefined) pipeline(Readable.from(request.body), stream, () => {});
    try {
      const headers = await responseOf(stream);
      return { status: Number(headers[':status']), headers, body: bodyOf(stream, request, access.server) };
    } catch (error) {
      cancel(stream);
      throw request.signal?.aborted ? request.signal.reason : connectionError(access.server, error);
    }
  }

  /** New requests take a new connection, with the access as it is then; those that are open end on theirs. */
  reconnect(): void {
    for (const session of this.#sessions.keys()) {
      this.#sessions.delete(session);
      if (session.closed || session.destroyed) continue;
      this.#retired.add(session);
      session.once('close', () => this.#retired.delete(session));
      session.close();
    }
  }

  /** Ends all connections and with them every open request. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#sessions.keys(), ...this.#retired].map(ended));
  }

  #open(access: ServerAccess): ClientHttp2Session {
    if (this.#closed) throw new ConnectionError(`Cannot reach ${access.server}: the connection was closed`);
    for (const [session, open] of this.#sessions) if (takesMore(session, open)) return session;
    const session = connect(access.server, {
      ...tlsOptions(access),
      settings: { enablePush: false, initialWindowSize: streamWindowBytes },
      maxSessionMemory: 1024,
    });
    this.#sessions.set(session, 0);
    const forget = (): void => void this.#sessions.delete(session);
    // Each open request reports the failure itself; without a listener the error would end the process.
    session.on('error', forget);
    session.on('goaway', forget);
    session.once('connect', () => widen(session));
    const pings = this.#keepAlive(session);
    session.once('close', () => {
      pings();
      forget();
    });
    return session;
  }

  #count(session: ClientHttp2Session, by: 1 | -1): void {
    const open = this.#sessions.get(session);
    if (open !== undefined) this.#sessions.set(session, open + by);
  }

  /** Pings until the returned function is called. */
  #keepAlive(session: ClientHttp2Session): () => void {
    let timer: Timer;
    const wait = (): void => {
      timer = this.#clock.setTimer(pingEveryMs, () => {
        timer = this.#clock.setTimer(pingTimeoutMs, () =>
          session.destroy(new Error('the server does not answer pings')),
        );
        if (session.destroyed || session.connecting) return;
        session.ping(() => {
          timer.cancel();
          if (!session.destroyed) wait();
        });
      });
    };
    wait();
    return () => timer.cancel();
  }
}

function takesMore(session: ClientHttp2Session, open: number): boolean {
  if (session.closed || session.destroyed) return false;
  const { maxConcurrentStreams = mostOpen } = session.remoteSettings;
  return open < Math.min(mostOpen, maxConcurrentStreams);
}

function ended(session: ClientHttp2Session): Promise<void> {
  if (session.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    session.once('close', resolve);
    session.destroy();
  });
}

function tlsOptions(access: ServerAccess): Record<string, unknown> {
  return {
    ...(access.ca === undefined ? {} : { ca: access.ca }),
    ...(access.cert === undefined ? {} : { cert: access.cert }),
    ...(access.key === undefined ? {} : { key: access.key }),
    ...(access.serverName === undefined ? {} : { servername: access.serverName }),
    ...(access.insecure === true ? { rejectUnauthorized: false } : {}),
  };
}

function cancel(stream: ClientHttp2Stream): void {
  if (!stream.destroyed) stream.close(constants.NGHTTP2_CANCEL);
}

function responseOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    stream.once('response', resolve);
    stream.on('error', reject);
    stream.once('close', () => reject(new Error('the connection ended before an answer')));
  });
}

async function* bodyOf(stream: ClientHttp2Stream, request: HttpRequest, server: string): AsyncIterable<Uint8Array> {
  let complete = false;
  try {
    yield* chunksOf(stream);
    // A stream that was reset may end as if it were complete.
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) throw new Error('the answer was cut off');
    complete = true;
  } catch (error) {
    throw request.signal?.aborted ? request.signal.reason : connectionError(server, error);
  } finally {
    if (!complete) cancel(stream);
  }
}

/** Not by the stream's own iterator: to that, a stream whose end has come before it was read is broken. */
async function* chunksOf(stream: ClientHttp2Stream): AsyncIterable<Uint8Array> {
  let wake = (): void => {};
  for (const event of ['readable', 'end', 'error', 'close']) stream.on(event, () => wake());
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) yield chunk;
    else if (stream.readableEnded) return;
    else if (stream.destroyed) throw stream.errored ?? new Error('the answer was cut off');
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}

function connectionError(server: string, cause: unknown): ConnectionError {
  return new ConnectionError(`Cannot reach ${server}: ${rootOf(cause)}`, { cause });
}

/** What went wrong first: the layers above only say that a stream was cancelled. */
function rootOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : rootOf(error.cause);
}

/** Lets all streams of the session together be sent more at a time; one that has ended before it was told of stays ended. */
export function widen(session: ClientHttp2Session): void {
  if (!session.destroyed) session.setLocalWindowSize(sessionWindowBytes);
}
