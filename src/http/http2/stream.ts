import { ByteShare } from '../byte-budget.ts';
import { ClientGoneError, type Connection, type Exchange, type ResponseStream } from '../exchange.ts';
import type { RequestHeaders, ResponseHeaders } from '../headers.ts';
import { IncomingBody, type BodySource } from '../incoming-body.ts';
import { PartQueue } from '../part-queue.ts';
import { hasBody } from '../response-head.ts';
import type { ServerContext } from '../server-context.ts';
import type { Waiter } from '../write-budget.ts';
import { code, largestWindow } from './protocol.ts';
import type { RequestHead } from './request-head.ts';

/** What a stream asks of its connection. */
export interface StreamOwner {
  readonly context: ServerContext;
  readonly connection: Connection;
  /** Writes the head of an answer. */
  head(stream: Http2Stream, status: number, headers: ResponseHeaders, length: number | undefined, end: boolean): void;
  /** Writes parts at once when nothing is in the way; false: they have to wait. */
  writeNow(stream: Http2Stream, parts: readonly Uint8Array[], size: number, end: boolean): boolean;
  /** The stream has something to send. */
  becomesReady(stream: Http2Stream): void;
  /** The stream's queue has lost or got bytes; positive: more wait. */
  waits(stream: Http2Stream, bytes: number): void;
  /** Lets the client send so many bytes more. */
  credit(stream: Http2Stream, bytes: number): void;
  reset(stream: Http2Stream, errorCode: number): void;
  /** The answer is complete; the request may not be. */
  answered(stream: Http2Stream): void;
}

/** One stream of an HTTP/2 connection: a request, and the answer to it. */
export class Http2Stream implements Exchange, ResponseStream, Waiter, BodySource {
  readonly id: number;
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  /** What `content-length` announced. */
  readonly announced: number | undefined;
  readonly incoming: IncomingBody | undefined;
  /** Bytes that we may send, and that the peer may. */
  sendWindow: number;
  receiveWindow: number;
  /** Taken bytes that the peer was not told of yet. */
  uncredited = 0;
  /** Whether the connection has it in its line of those with something to send. */
  isReady = false;
  /** The peer has sent all. */
  remoteClosed: boolean;
  /** We have sent all. */
  localClosed = false;
  localClosedAt = 0;
  /** Nothing goes out any more: reset by one of both, or the connection has ended. */
  isGone = false;
  isEnding = false;
  /** Its handler runs; and it does so for nobody. */
  isHandled = false;
  isAbandoned = false;
  progressedAt = 0;
  readonly queue = new PartQueue();
  readonly headShare: ByteShare;
  readonly #owner: StreamOwner;
  #responded = false;
  #isSilent = false;
  /** The client has gone before the answer was complete. */
  #isCut = false;
  #aborter: AbortController | undefined;
  #waiters: (() => void)[] = [];

  constructor(owner: StreamOwner, id: number, head: RequestHead, remoteClosed: boolean, sendWindow: number) {
    const { limits, heads, bodies, clock } = owner.context;
    this.#owner = owner;
    this.id = id;
    this.method = head.method;
    this.target = head.target;
    this.headers = head.headers;
    this.announced = head.length;
    this.remoteClosed = remoteClosed;
    this.sendWindow = sendWindow;
    this.receiveWindow = limits.streamWindowBytes;
    this.headShare = new ByteShare(heads, limits.freeHeadBytes);
    this.incoming = remoteClosed ? undefined : new IncomingBody(this, bodies, clock);
  }

  get connection(): Connection {
    return this.#owner.connection;
  }

  get hasResponded(): boolean {
    return this.#responded;
  }

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController();
      if (this.#isCut) this.#aborter.abort(clientGone());
    }
    return this.#aborter.signal;
  }

  get bufferedBytes(): number {
    return this.queue.bytes;
  }

  get waitingBytes(): number {
    return this.queue.bytes;
  }

  readBody(limit: number): Promise<Buffer> {
    return this.incoming?.readAll(limit, this.announced) ?? Promise.resolve(Buffer.alloc(0));
  }

  body(): AsyncIterable<Buffer> {
    return this.incoming?.parts() ?? nothing();
  }

  respond(status: number, headers: ResponseHeaders, ...parts: readonly Uint8Array[]): void {
    this.#begin();
    if (this.isGone) return;
    let size = 0;
    for (const part of parts) size += part.length;
    const isEmpty = size === 0 || this.method === 'HEAD' || !hasBody(status);
    this.#owner.head(this, status, headers, hasBody(status) ? size : undefined, isEmpty);
    if (!isEmpty) this.#send(parts, size, true);
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    this.#begin();
    this.#isSilent = this.method === 'HEAD' || !hasBody(status);
    if (!this.isGone) this.#owner.head(this, status, headers, undefined, this.#isSilent);
    return this;
  }

  upgrade(): undefined {
    return undefined;
  }

  write(...parts: readonly Uint8Array[]): boolean {
    if (this.isGone || this.isEnding || this.#isSilent) return true;
    let size = 0;
    for (const part of parts) size += part.length;
    if (size > 0) this.#send(parts, size, false);
    return this.queue.bytes <= this.#owner.context.limits.streamShareBytes;
  }

  drained(): Promise<void> {
    if (this.isGone || this.queue.bytes <= this.#owner.context.limits.streamShareBytes) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  end(): void {
    if (this.isGone || this.isEnding || this.localClosed) return;
    if (this.queue.bytes > 0 || !this.#owner.writeNow(this, [], 0, true)) {
      this.isEnding = true;
      this.#owner.becomesReady(this);
    }
  }

  destroy(): void {
    if (!this.localClosed) this.#owner.reset(this, code.internalError);
  }

  evict(): void {
    this.#owner.reset(this, code.enhanceYourCalm);
  }

  /** Ends what the handler left without an answer. */
  fail(): void {
    if (this.isGone) return;
    if (this.#responded) this.destroy();
    else this.respond(500, {});
  }

  wanted(): void {
    if (this.headers.get('expect')?.toLowerCase() === '100-continue' && !this.#responded && !this.isGone)
      this.#owner.head(this, 100, {}, undefined, false);
  }

  consumed(bytes: number): void {
    if (bytes > 0) this.#owner.credit(this, bytes);
  }

  /** The peer lets us send so many bytes more (less, after a change of its settings). Answers false for too many. */
  raiseWindow(bytes: number): boolean {
    this.sendWindow += bytes;
    if (this.sendWindow > largestWindow) return false;
    if (this.sendWindow > 0 && this.queue.bytes > 0) this.#owner.becomesReady(this);
    return true;
  }

  /** Bytes have left the queue. */
  progressed(now: number): void {
    this.progressedAt = now;
    if (this.queue.bytes <= this.#owner.context.limits.streamShareBytes) this.#wake();
  }

  /** Nothing more goes out; `isComplete`: all of the answer has. */
  close(isComplete: boolean): void {
    if (this.isGone) return;
    this.isGone = true;
    const waiting = this.queue.bytes;
    this.queue.clear();
    if (waiting > 0) this.#owner.waits(this, -waiting);
    this.#isCut = !isComplete;
    if (this.#isCut) this.#aborter?.abort(clientGone());
    this.incoming?.drop(clientGone);
    this.#wake();
  }

  #begin(): void {
    if (this.#responded) throw new Error(`Cannot answer "${this.target}": an answer has begun already`);
    this.#responded = true;
  }

  #send(parts: readonly Uint8Array[], size: number, end: boolean): void {
    if (this.queue.bytes === 0 && this.#owner.writeNow(this, parts, size, end)) return;
    if (end) this.isEnding = true;
    if (this.queue.bytes === 0) this.progressedAt = this.#owner.context.clock.monotonic();
    for (const part of parts) this.queue.push(part);
    this.#owner.becomesReady(this);
    this.#owner.waits(this, size);
  }

  #wake(): void {
    const waiters = this.#waiters;
    if (waiters.length === 0) return;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

function clientGone(): ClientGoneError {
  return new ClientGoneError('the client closed the connection, or took its request back');
}

async function* nothing(): AsyncIterable<Buffer> {}
