import type { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { ByteWriter, type BufferPool } from './byte-writer.ts';
import type { Waiter, WriteBudget } from './write-budget.ts';

/** As much is taken from waiting answers for one write, in bytes: with a frame more it fits into the largest buffer that is kept. */
export const batchBytes = 108 * 1024;

export interface OutputParts {
  readonly pool: BufferPool;
  readonly clock: Clock;
  readonly writes: WriteBudget;
}

/**
 * What a connection sends. All that is written within a turn leaves in one write, and no second one begins before the
 * kernel has the first: what comes meanwhile goes together.
 */
export class Output implements Waiter {
  readonly writer: ByteWriter;
  readonly #socket: TLSSocket;
  readonly #pool: BufferPool;
  readonly #clock: Clock;
  readonly #budget: WriteBudget;
  readonly #fill: () => void;
  #inFlight: Buffer | undefined;
  #inFlightSince = 0;
  #stalledBytes = 0;
  #isScheduled = false;
  #isEnding = false;
  #isPaused = false;

  /** `fill` is called before each write, to add what waits. */
  constructor(socket: TLSSocket, { pool, clock, writes }: OutputParts, fill: () => void) {
    this.#socket = socket;
    this.#pool = pool;
    this.#clock = clock;
    this.#budget = writes;
    this.#fill = fill;
    this.writer = new ByteWriter(pool);
  }

  /** Whether an answer can be put down at once, without a queue. */
  get hasRoom(): boolean {
    return this.writer.length < batchBytes && this.#inFlight === undefined;
  }

  /** Bytes of the present write, while the kernel does not take them. */
  get waitingBytes(): number {
    return this.#stalledBytes;
  }

  get progressedAt(): number {
    return this.#inFlightSince;
  }

  evict(): void {
    this.#socket.destroy();
    this.#settle();
  }

  /** How long the kernel has taken nothing, in milliseconds. */
  stalledMs(now: number): number {
    return this.#inFlight === undefined ? 0 : now - this.#inFlightSince;
  }

  /** Writes when the present work, and all that hangs on promises, has been done. */
  schedule(): void {
    // A client that makes us answer, and does not read the answers, is not listened to.
    if (this.#inFlight !== undefined && this.writer.length > batchBytes && !this.#isPaused) {
      this.#isPaused = true;
      this.#socket.pause();
    }
    if (this.#isScheduled || this.#inFlight !== undefined) return;
    this.#isScheduled = true;
    queueMicrotask(this.#afterMicrotasks);
  }

  /** Writes what there is before the connection is broken off. */
  flushNow(): void {
    this.#flush();
  }

  /** Writes what there is, then ends the connection. */
  end(): void {
    this.#isEnding = true;
    this.schedule();
  }

  // Microtasks run until none is left, and only then what was put off to the next tick.
  readonly #afterMicrotasks = (): void => process.nextTick(this.#flush);

  readonly #flush = (): void => {
    this.#isScheduled = false;
    if (this.#inFlight !== undefined || this.#socket.destroyed) return;
    this.#fill();
    if (this.writer.length > 0) {
      const { buffer, bytes } = this.writer.take();
      this.#inFlight = buffer;
      this.#inFlightSince = this.#clock.monotonic();
      this.#socket.write(bytes, this.#written);
      // Usually the kernel has taken all of it by now.
      if (this.#socket.writableLength === 0) return;
      this.#stalledBytes = bytes.length;
      this.#budget.add(this, bytes.length);
    } else if (this.#isEnding) this.#socket.end();
  };

  readonly #written = (): void => {
    this.#pool.give(this.#inFlight!);
    this.#inFlight = undefined;
    this.#settle();
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#socket.resume();
    }
    this.#flush();
  };

  #settle(): void {
    const bytes = this.#stalledBytes;
    this.#stalledBytes = 0;
    if (bytes > 0) this.#budget.remove(this, bytes);
  }
}
