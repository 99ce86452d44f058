import { code, ConnectionError, frameHeadBytes, largestFrame } from './protocol.ts';

/** Called for each frame; its payload is `bytes` from `start` to `end`, valid during the call unless kept. */
export type OnFrame = (type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number) => void;

/** A client that sends byte by byte must not cost a buffer for each. */
const mostPieces = 16;

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

  /** Of a frame that has not come whole. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Throws {@link ConnectionError} for a frame that is too large, and what `onFrame` throws. */
  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#waitingBytes > 0) {
      this.#waiting.push(chunk);
      this.#waitingBytes += chunk.length;
      if (this.#waitingBytes < this.#wanted) {
        if (this.#waiting.length > mostPieces) this.#waiting = [Buffer.concat(this.#waiting, this.#waitingBytes)];
        return;
      }
      bytes = Buffer.concat(this.#waiting, this.#waitingBytes);
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
    let at = 0;
    this.#wanted = frameHeadBytes;
    while (bytes.length - at >= frameHeadBytes) {
      const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      if (length > largestFrame) throw new ConnectionError(code.frameSizeError, `a frame of ${length} bytes`);
      const start = at + frameHeadBytes;
      const end = start + length;
      if (end > bytes.length) {
        this.#wanted = frameHeadBytes + length;
        break;
      }
      const stream = ((bytes[at + 5]! & 0x7f) << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
      this.#onFrame(bytes[at + 3]!, bytes[at + 4]!, stream, bytes, start, end);
      at = end;
    }
    if (at === bytes.length) return;
    this.#waiting.push(at === 0 ? bytes : bytes.subarray(at));
    this.#waitingBytes = bytes.length - at;
  }
}
