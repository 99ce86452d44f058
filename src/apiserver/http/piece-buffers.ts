import type { ResponseStream } from '../../http/exchange.ts';

/** Bytes of one piece of a list, about. */
export const pieceBytes = 128 * 1024;

/** So many buffers wait for the next list. */
const mostSpare = 8;

/**
 * Buffers that pieces are written into: new ones cost more than the pieces, as the kernel has to find and clear their
 * memory.
 */
export class PiecePool {
  readonly #spare: Buffer[] = [];

  /** Of {@link pieceBytes}. */
  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
  }

  give(buffer: Buffer): void {
    if (this.#spare.length < mostSpare) this.#spare.push(buffer);
  }
}

/** The buffers of one list, each of which is used again when the connection has taken what it held. */
export class PieceBuffers implements Disposable {
  readonly #pool: PiecePool;
  #stream: ResponseStream | undefined;
  /** The oldest first, with all that was written up to its end. */
  #sent: { readonly buffer: Buffer; readonly end: number }[] = [];
  #written = 0;

  constructor(pool: PiecePool) {
    this.#pool = pool;
  }

  /** A buffer of at least so many bytes. */
  readonly make = (bytes: number): Buffer => {
    if (bytes > pieceBytes) return Buffer.allocUnsafeSlow(bytes);
    return this.#isFree(this.#sent[0]) ? this.#sent.shift()!.buffer : this.#pool.take();
  };

  /** A piece that was written into a buffer from here is the next one that the stream gets; it gets no others. */
  sends(piece: Uint8Array, stream: ResponseStream): void {
    this.#stream = stream;
    this.#written += piece.length;
    if (piece.buffer.byteLength === pieceBytes)
      this.#sent.push({ buffer: Buffer.from(piece.buffer as ArrayBuffer), end: this.#written });
  }

  /** What is still under way is nobody's then. */
  [Symbol.dispose](): void {
    for (const one of this.#sent) if (this.#isFree(one)) this.#pool.give(one.buffer);
    this.#sent = [];
  }

  #isFree(one: { readonly end: number } | undefined): boolean {
    return one !== undefined && this.#stream!.bufferedBytes <= this.#written - one.end;
  }
}
