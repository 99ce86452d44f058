import { code, ConnectionError, frameHeadBytes, largestFrame } from './protocol.ts';

/**
 * Called for each frame; its payload is `bytes` from `start` to `end`, valid during the call unless kept. True: no further
 * frame just now.
 */
export type OnFrame = (
  type: number,
  flags: number,
  stream: number,
  bytes: Buffer,
  start: number,
  end: number,
) => boolean;

/** A client that sends byte by byte must not cost a buffer for each. */
const mostPieces = 16;

const nothing = Buffer.alloc(0);

/** Cuts what comes into frames, without copying those that lie within one chunk. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** So many bytes must be there before it goes on. */
  #wanted = frameHeadBytes;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** Of a frame that has not come whole, and of those that wait behind one after which no further one was wanted. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Keeps what comes while no frame is wanted. */
  keep(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waiting.length > mostPieces) this.#waiting = [Buffer.concat(this.#waiting, this.#waitingBytes)];
  }

  /** Goes on with what was kept. As {@link push}. */
  goOn(): boolean {
    return this.#waitingBytes > 0 && this.push(nothing);
  }

  /**
   * Answers whether frames may wait that no one wanted yet. Throws {@link ConnectionError} for a frame that is too large,
   * and what `onFrame` throws.
   */
  push(chunk: Buffer): boolean {
    let bytes = chunk;
    if (this.#waitingBytes > 0) {
      this.#waiting.push(chunk);
      this.#waitingBytes += chunk.length;
      if (this.#waitingBytes < this.#wanted) {
        if (this.#waiting.length > mostPieces) this.#waiting = [Buffer.concat(this.#waiting, this.#waitingBytes)];
        return false;
      }
      bytes = Buffer.concat(this.#waiting, this.#waitingBytes);
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
    let at = 0;
    let isStopped = false;
    this.#wanted = frameHeadBytes;
    while (!isStopped && bytes.length - at >= frameHeadBytes) {
      const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      if (length > largestFrame) throw new ConnectionError(code.frameSizeError, `a frame of ${length} bytes`);
      const start = at + frameHeadBytes;
      const end = start + length;
      if (end > bytes.length) {
        this.#wanted = frameHeadBytes + length;
        break;
      }
      const stream = ((bytes[at + 5]! & 0x7f) << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
      isStopped = this.#onFrame(bytes[at + 3]!, bytes[at + 4]!, stream, bytes, start, end);
      at = end;
    }
    if (at < bytes.length) {
      this.#waiting.push(at === 0 ? bytes : bytes.subarray(at));
      this.#waitingBytes = bytes.length - at;
    }
    return isStopped;
  }
}
