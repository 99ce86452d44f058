import { ClientGoneError, type Connection } from './exchange.ts';
import type { RequestHeaders } from './headers.ts';
import type { IncomingBody } from './incoming-body.ts';
import { PartQueue } from './part-queue.ts';
import type { ServerContext } from './server-context.ts';
import type { Waiter } from './write-budget.ts';

/** What an exchange knows of its connection, whatever the protocol. */
export interface ServerExchangeOwner {
  readonly context: ServerContext;
  readonly connection: Connection;
}

/** How a request begins. */
export interface ServerRequestHead {
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
}

/**
 * What the exchanges of both protocols share: the parts of an answer that wait, who waits for room among them, and the
 * client that may be gone.
 */
export abstract class ServerExchange<Owner extends ServerExchangeOwner> implements Waiter {
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  readonly queue = new PartQueue();
  isEnding = false;
  /** Nothing goes out any more: the answer is complete, was broken off, or the connection has ended. */
  isGone = false;
  progressedAt = 0;
  abstract readonly incoming: IncomingBody | undefined;
  protected readonly owner: Owner;
  /** What to tell whoever works for a client that has gone. */
  protected abstract readonly goneText: string;
  #responded = false;
  /** The client has gone before the answer was complete. */
  #isCut = false;
  #aborter: AbortController | undefined;
  #waiters: (() => void)[] | undefined;

  constructor(owner: Owner, { method, target, headers }: ServerRequestHead) {
    this.owner = owner;
    this.method = method;
    this.target = target;
    this.headers = headers;
  }

  get connection(): Connection {
    return this.owner.connection;
  }

  get hasResponded(): boolean {
    return this.#responded;
  }

  get signal(): AbortSignal {
    if (this.#aborter === undefined) {
      this.#aborter = new AbortController();
      if (this.#isCut) this.#aborter.abort(this.#gone());
    }
    return this.#aborter.signal;
  }

  get clientHasGone(): boolean {
    return this.#isCut;
  }

  get bufferedBytes(): number {
    return this.queue.bytes;
  }

  get waitingBytes(): number {
    return this.queue.bytes;
  }

  body(): AsyncIterable<Buffer> {
    return this.incoming?.parts() ?? nothing();
  }

  drained(): Promise<void> {
    if (this.isGone || this.hasRoom) return Promise.resolve();
    return new Promise((resolve) => (this.#waiters ??= []).push(resolve));
  }

  abstract evict(): void;

  /** Bytes have left the queue. */
  progressed(now: number): void {
    this.progressedAt = now;
    if (this.hasRoom) this.#wake();
  }

  /** Nothing more goes out; `isComplete`: all of the answer has. */
  close(isComplete: boolean): void {
    if (this.isGone) return;
    this.isGone = true;
    const waiting = this.queue.bytes;
    this.queue.clear();
    if (waiting > 0) this.waits(-waiting);
    this.#isCut = !isComplete;
    if (this.#isCut) this.#aborter?.abort(this.#gone());
    this.incoming?.drop(() => this.#gone());
    this.#wake();
  }

  /** The queue has got bytes, or lost them without sending. */
  protected abstract waits(bytes: number): void;

  /** Whether no more waits than the share of one answer. */
  protected get hasRoom(): boolean {
    return this.queue.bytes <= this.owner.context.limits.streamShareBytes;
  }

  /** An answer begins. Throws when one has before. */
  protected begin(): void {
    if (this.#responded) throw new Error(`Cannot answer "${this.target}": an answer has begun already`);
    this.#responded = true;
  }

  /** Puts parts behind what waits. */
  protected enqueue(parts: readonly Uint8Array[]): void {
    if (this.queue.bytes === 0) this.progressedAt = this.owner.context.clock.monotonic();
    for (const part of parts) this.queue.push(part);
  }

  #gone(): ClientGoneError {
    return new ClientGoneError(this.goneText);
  }

  #wake(): void {
    const waiters = this.#waiters;
    if (waiters === undefined) return;
    this.#waiters = undefined;
    for (const wake of waiters) wake();
  }
}

/** Bytes of all parts. */
export function sizeOf(parts: readonly Uint8Array[]): number {
  let size = 0;
  for (const part of parts) size += part.length;
  return size;
}

async function* nothing(): AsyncIterable<Buffer> {}
