import { ClientGoneError, type Connection, type Exchange, type ResponseStream, type Upgrade } from '../exchange.ts';
import type { RequestHeaders, ResponseHeaders } from '../headers.ts';
import { IncomingBody, type BodySource } from '../incoming-body.ts';
import { PartQueue } from '../part-queue.ts';
import { hasBody } from '../response-head.ts';
import type { ServerContext } from '../server-context.ts';
import type { Waiter } from '../write-budget.ts';
import type { RequestHead } from './request-head.ts';

/** How the end of an answer is found. */
export type Framing = 'length' | 'chunks' | 'close' | 'none';

/** What an exchange asks of its connection. */
export interface ExchangeOwner {
  readonly context: ServerContext;
  readonly connection: Connection;
  head(status: number, headers: ResponseHeaders, framing: Framing, length: number): void;
  /** Writes parts at once when nothing is in the way; false: they have to wait. */
  writeNow(exchange: Http1Exchange, parts: readonly Uint8Array[], size: number): boolean;
  becomesReady(): void;
  /** The answer is complete. */
  answered(): void;
  /** A reader waits for the body of a client that waits to be asked for it. */
  continue(): void;
  consumed(bytes: number): void;
  breakOff(): void;
  takeOver(): Upgrade;
}

/** One request on an HTTP/1.1 connection, and the answer to it. */
export class Http1Exchange implements Exchange, ResponseStream, Waiter, BodySource {
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  readonly request: RequestHead;
  readonly incoming: IncomingBody | undefined;
  readonly queue = new PartQueue();
  framing: Framing = 'none';
  isEnding = false;
  isAnswered = false;
  isGone = false;
  progressedAt = 0;
  readonly #owner: ExchangeOwner;
  #responded = false;
  #isCut = false;
  /** Of a stream whose length was announced: what is still to be written. */
  #left: number | undefined;
  #aborter: AbortController | undefined;
  #waiters: (() => void)[] = [];

  constructor(owner: ExchangeOwner, request: RequestHead) {
    this.#owner = owner;
    this.request = request;
    this.method = request.method;
    this.target = request.target;
    this.headers = request.headers;
    if (request.length !== 0) this.incoming = new IncomingBody(this, owner.context.bodies, owner.context.clock);
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
    const { length } = this.request;
    if (this.incoming === undefined) return Promise.resolve(Buffer.alloc(0));
    return this.incoming.readAll(limit, length === 'chunked' ? undefined : length);
  }

  body(): AsyncIterable<Buffer> {
    return this.incoming?.parts() ?? nothing();
  }

  respond(status: number, headers: ResponseHeaders, ...parts: readonly Uint8Array[]): void {
    this.#begin();
    if (this.isGone) return;
    let size = 0;
    for (const part of parts) size += part.length;
    this.framing = hasBody(status) ? 'length' : 'none';
    this.#owner.head(status, headers, this.framing, size);
    this.isEnding = true;
    if (size === 0 || this.method === 'HEAD' || !hasBody(status)) return this.#owner.answered();
    this.#send(parts, size);
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    this.#begin();
    if (this.isGone) return this;
    const { 'content-length': known, ...others } = headers;
    if (known !== undefined && hasBody(status)) {
      this.framing = 'length';
      this.#left = Number(known);
      this.#owner.head(status, others, this.framing, this.#left);
    } else {
      this.framing = !hasBody(status) ? 'none' : this.request.isHttp10 ? 'close' : 'chunks';
      this.#owner.head(status, headers, this.framing, 0);
    }
    if (this.method === 'HEAD') this.framing = 'none';
    return this;
  }

  upgrade(): Upgrade | undefined {
    if (!this.request.wantsUpgrade || this.#responded || this.isGone) return undefined;
    this.#responded = true;
    return this.#owner.takeOver();
  }

  write(...parts: readonly Uint8Array[]): boolean {
    if (this.isGone || this.isEnding || this.framing === 'none') return true;
    let size = 0;
    for (const part of parts) size += part.length;
    // What is more than was announced would be taken for the next answer.
    if (this.#left !== undefined && (this.#left -= size) < 0) {
      this.destroy();
      return true;
    }
    if (size > 0) this.#send(parts, size);
    return this.queue.bytes <= this.#owner.context.limits.streamShareBytes;
  }

  drained(): Promise<void> {
    if (this.isGone || this.queue.bytes <= this.#owner.context.limits.streamShareBytes) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  end(): void {
    if (this.isGone || this.isEnding) return;
    if (this.framing === 'length' && this.#left !== undefined && this.#left > 0) return this.destroy();
    this.isEnding = true;
    if (this.queue.bytes === 0) this.#owner.answered();
  }

  destroy(): void {
    if (!this.isAnswered && !this.isGone) this.#owner.breakOff();
  }

  evict(): void {
    this.#owner.breakOff();
  }

  /** Ends what the handler left without an answer. */
  fail(): void {
    if (this.isGone || this.isAnswered) return;
    if (this.#responded) this.destroy();
    else this.respond(500, {});
  }

  wanted(): void {
    if (!this.#responded && !this.isGone) this.#owner.continue();
  }

  consumed(bytes: number): void {
    this.#owner.consumed(bytes);
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
    if (waiting > 0) this.#owner.context.writes.remove(this, waiting);
    this.#isCut = !isComplete;
    if (this.#isCut) this.#aborter?.abort(clientGone());
    this.incoming?.drop(clientGone);
    this.#wake();
  }

  #begin(): void {
    if (this.#responded) throw new Error(`Cannot answer "${this.target}": an answer has begun already`);
    this.#responded = true;
  }

  #send(parts: readonly Uint8Array[], size: number): void {
    if (this.queue.bytes === 0 && this.#owner.writeNow(this, parts, size)) return;
    const { writes, clock } = this.#owner.context;
    if (this.queue.bytes === 0) this.progressedAt = clock.monotonic();
    for (const part of parts) this.queue.push(part);
    this.#owner.becomesReady();
    writes.add(this, size);
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

function clientGone(): ClientGoneError {
  return new ClientGoneError('the client closed the connection');
}

async function* nothing(): AsyncIterable<Buffer> {}
