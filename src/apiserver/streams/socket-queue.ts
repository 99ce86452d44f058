import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** So much is handed to the socket at once, in bytes: what it holds is copied and encrypted, what waits here is not. */
const batchBytes = 64 * 1024;
/** How long a client may take nothing before the end. */
const partingMs = 10_000;

/** What waits for a connection that was upgraded, and goes to its socket as its client takes it. */
export class SocketQueue {
  readonly #socket: Duplex;
  #parts: Uint8Array[] = [];
  #waiting = 0;
  #inFlight = 0;
  #isEnding = false;
  #waiters: (() => void)[] = [];

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.once('close', () => this.#clear());
  }

  /** What was pushed and has not gone out. */
  get bytes(): number {
    return this.#waiting + this.#inFlight;
  }

  /** Parts must not change afterwards. */
  push(...parts: readonly Uint8Array[]): void {
    if (this.#isEnding || this.#socket.destroyed) return;
    for (const part of parts) {
      if (part.length === 0) continue;
      this.#parts.push(part);
      this.#waiting += part.length;
    }
    if (this.#inFlight === 0 && this.#waiting > 0) queueMicrotask(() => this.#pump());
  }

  /** Resolves when no more than `most` bytes wait, or nobody is left to write to. */
  async belowOrGone(most: number): Promise<void> {
    while (this.bytes > most && !this.#socket.destroyed)
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Closes the socket behind what waits, or without that where the client has stopped to read. Nothing is read any more. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#socket.pause();
    if (this.#socket instanceof Socket) this.#socket.setTimeout(partingMs, () => this.#socket.destroy());
    if (this.bytes === 0) this.#close();
  }

  #pump(): void {
    if (this.#inFlight > 0 || this.#socket.destroyed) return;
    if (this.#waiting === 0) {
      if (this.#isEnding) this.#close();
      return;
    }
    const batch = this.#takeBatch();
    let left = batch.length;
    this.#socket.cork();
    for (const part of batch) {
      this.#inFlight += part.length;
      this.#socket.write(part, () => --left === 0 && this.#sent());
    }
    this.#socket.uncork();
  }

  #takeBatch(): Uint8Array[] {
    let size = 0;
    let count = 0;
    while (count < this.#parts.length && size < batchBytes) size += this.#parts[count++]!.length;
    const batch = this.#parts.splice(0, count);
    if (size > batchBytes) {
      const last = batch[count - 1]!;
      const cut = last.length - (size - batchBytes);
      batch[count - 1] = last.subarray(0, cut);
      this.#parts.unshift(last.subarray(cut));
      size = batchBytes;
    }
    this.#waiting -= size;
    return batch;
  }

  #sent(): void {
    this.#inFlight = 0;
    this.#wake();
    this.#pump();
  }

  #close(): void {
    this.#socket.once('finish', () => this.#socket.destroy());
    this.#socket.end();
  }

  #clear(): void {
    this.#parts = [];
    this.#waiting = this.#inFlight = 0;
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
