import type { Clock } from '../base/clock.ts';
import type { BodyBudget, HeldBody } from './body-budget.ts';
import { BodyBudgetError, BodyTimeoutError, BodyTooLargeError } from './exchange.ts';
import type { HttpLimits } from './limits.ts';

/** Where a body comes from. */
export interface BodySource {
  /** Somebody begins to read. */
  wanted(): void;
  /** So many bytes more need not be kept any longer, or have found their reader. */
  consumed(bytes: number): void;
}

interface WholeReader {
  readonly limit: number;
  readonly startedAt: number;
  resolve(body: Buffer): void;
  reject(error: Error): void;
}

const empty = Buffer.alloc(0);

/** The body of one request, on its way from the connection to whoever reads it, whole or as it comes. */
export class IncomingBody implements HeldBody {
  readonly #source: BodySource;
  readonly #budget: BodyBudget;
  readonly #clock: Clock;
  /** What has come and was not handed over: the first `#size` bytes. */
  #bytes: Buffer = empty;
  #size = 0;
  #received = 0;
  #progressedAt = 0;
  /** Somebody has begun to read it. */
  #isWanted = false;
  #ended = false;
  #dropped = false;
  /** Made only where somebody hears of it: every request that ends drops its body. */
  #why: (() => Error) | undefined;
  #reader: WholeReader | undefined;
  #wake: (() => void) | undefined;

  constructor(source: BodySource, budget: BodyBudget, clock: Clock) {
    this.#source = source;
    this.#budget = budget;
    this.#clock = clock;
  }

  get heldBytes(): number {
    return this.#size;
  }

  get progressedAt(): number {
    return this.#progressedAt;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  evict(): void {
    this.drop(() => new BodyBudgetError('Cannot read the body: it has stopped, and other requests take all the room'));
  }

  /** What has come so far, in bytes. */
  get received(): number {
    return this.#received;
  }

  append(chunk: Buffer, start: number, end: number): void {
    const size = end - start;
    this.#received += size;
    if (!this.#dropped && this.#reader !== undefined && this.#received > this.#reader.limit) {
      const { limit } = this.#reader;
      this.drop(() => new BodyTooLargeError(limit));
    }
    const now = this.#clock.monotonic();
    if (!this.#dropped && !this.#budget.take(this, size, now))
      this.drop(() => new BodyBudgetError('Cannot read the body: the bodies of other requests take all the room'));
    if (this.#dropped) return this.#source.consumed(size);
    this.#progressedAt = now;
    this.#keep(chunk, start, end);
    if (this.#reader !== undefined) this.#source.consumed(size);
    this.#wakeUp();
  }

  /** The client has sent all of it. */
  finish(): void {
    this.#ended = true;
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.resolve(this.#take());
    this.#wakeUp();
  }

  /** Whoever reads gets what `why` makes; what has come and still comes is thrown away. */
  drop(why: () => Error): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#why = why;
    if (this.#reader === undefined) this.#source.consumed(this.#size);
    this.#take();
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(why());
    this.#wakeUp();
  }

  readAll(limit: number, announced: number | undefined): Promise<Buffer> {
    if (announced !== undefined && announced > limit) this.drop(() => new BodyTooLargeError(limit));
    if (!this.#dropped && this.#size > limit) this.drop(() => new BodyTooLargeError(limit));
    if (this.#why !== undefined) return Promise.reject(this.#why());
    this.#isWanted = true;
    if (this.#ended) return Promise.resolve(this.#take());
    return new Promise((resolve, reject) => {
      this.#reader = { limit, startedAt: this.#clock.monotonic(), resolve, reject };
      this.#source.wanted();
      this.#source.consumed(this.#size);
    });
  }

  async *parts(): AsyncIterable<Buffer> {
    this.#isWanted = true;
    if (!this.#ended) this.#source.wanted();
    try {
      for (;;) {
        if (this.#size > 0) {
          const part = this.#take();
          this.#source.consumed(part.length);
          yield part;
        } else if (this.#why !== undefined) throw this.#why();
        else if (this.#ended) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.drop(() => new Error('Cannot read the body: its reader has left'));
    }
  }

  /** Gives a body up that comes too slowly, or that nobody wants: the answer to its request goes on without it. */
  checkPace(now: number, { bodyGraceMs, bodyBytesPerSecond }: HttpLimits): void {
    if (!this.#isWanted && this.#size > 0 && now - this.#progressedAt > bodyGraceMs)
      return this.drop(() => new BodyTimeoutError(`Cannot read the body: nobody has for ${bodyGraceMs} ms`));
    if (this.#reader === undefined) return;
    const lateMs = now - this.#reader.startedAt - bodyGraceMs;
    if (lateMs <= 0 || this.#received * 1000 >= lateMs * bodyBytesPerSecond) return;
    const message = `Cannot read the body: ${this.#received} bytes have come in ${bodyGraceMs + lateMs} ms`;
    this.drop(() => new BodyTimeoutError(message));
  }

  /** Small parts are copied together, so that a body of many is not many times its size. */
  #keep(chunk: Buffer, start: number, end: number): void {
    const size = end - start;
    if (this.#size === 0) {
      this.#bytes = chunk.subarray(start, end);
      this.#size = size;
      return;
    }
    const wanted = this.#size + size;
    if (wanted > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    // `#bytes` may still be a view of the connection's chunk: then it is full, and was replaced above.
    this.#bytes.set(chunk.subarray(start, end), this.#size);
    this.#size = wanted;
  }

  #take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#size);
    this.#budget.give(this, this.#size);
    this.#bytes = empty;
    this.#size = 0;
    return bytes;
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
