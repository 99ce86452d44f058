/** Puts pieces together in buffers of about `chunkBytes`; each byte is copied once. */
export class ByteWriter {
  readonly #chunkBytes: number;
  #full: Buffer[] = [];
  #buffer: Buffer;
  #length = 0;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
    this.#buffer = Buffer.allocUnsafeSlow(chunkBytes);
  }

  /** Letters below 256 only. */
  latin1(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  text(text: string): void {
    this.#reserve(Buffer.byteLength(text));
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  /** What `bytes` holds from `from` on. */
  bytes(bytes: Uint8Array, from = 0): void {
    this.#reserve(bytes.length - from);
    this.#buffer.set(from === 0 ? bytes : bytes.subarray(from), this.#length);
    this.#length += bytes.length - from;
  }

  /** The chunks that are full. They are the caller's from now on. */
  take(): Buffer[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** All that was written and not taken. */
  finish(): Buffer[] {
    const all = this.take();
    if (this.#length > 0) all.push(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    this.#buffer = Buffer.alloc(0);
    return all;
  }

  /** The same as one buffer. */
  finishWhole(): Buffer {
    const parts = this.finish();
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    if (this.#length > 0) this.#full.push(this.#buffer.subarray(0, this.#length));
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(bytes, this.#chunkBytes));
    this.#length = 0;
  }
}
