/** A larger text is left to the engine; a smaller one costs less letter by letter. */
const shortText = 80;

/**
 * Puts pieces together in buffers of about `chunkBytes`; each byte is copied once. `make` gives the buffers, of at least so
 * many bytes; what they held before does not matter.
 */
export class ByteWriter {
  readonly #chunkBytes: number;
  readonly #make: (bytes: number) => Buffer;
  #full: Buffer[] = [];
  #buffer: Buffer;
  #length = 0;

  constructor(chunkBytes: number, make: (bytes: number) => Buffer = Buffer.allocUnsafeSlow) {
    this.#chunkBytes = chunkBytes;
    this.#make = make;
    this.#buffer = make(chunkBytes);
  }

  /** Letters below 256 only. */
  latin1(text: string): void {
    this.#reserve(text.length);
    this.#latin1(text);
  }

  text(text: string): void {
    this.#reserve(Buffer.byteLength(text));
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Three texts, together no shorter than `from`, then what `bytes` holds from there on, then one more. */
  around(first: string, second: string, third: string, bytes: Uint8Array, from: number, last: string): void {
    const before = first.length + second.length + third.length;
    if (from > before) return this.around(first, second, third, bytes.subarray(from - before), before, last);
    this.#reserve(before - from + bytes.length + last.length);
    // What is not wanted of the bytes is written over: to make a view of the others costs more than copying them.
    this.#buffer.set(bytes, this.#length + before - from);
    this.#latin1(first);
    this.#latin1(second);
    this.#latin1(third);
    this.#length += bytes.length - from;
    this.#latin1(last);
  }

  /** Whether there are chunks to {@link take}. */
  get hasFull(): boolean {
    return this.#full.length > 0;
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
    if (this.#length > 0) all.push(this.#filled());
    this.#length = 0;
    this.#buffer = Buffer.alloc(0);
    return all;
  }

  /** The same as one buffer. */
  finishWhole(): Buffer {
    const parts = this.finish();
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  #latin1(text: string): void {
    const buffer = this.#buffer;
    let at = this.#length;
    if (text.length > shortText) at += buffer.write(text, at, 'latin1');
    else for (let index = 0; index < text.length; index++) buffer[at++] = text.charCodeAt(index);
    this.#length = at;
  }

  #filled(): Buffer {
    return this.#length === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    if (this.#length > 0) this.#full.push(this.#filled());
    this.#buffer = this.#make(Math.max(bytes, this.#chunkBytes));
    this.#length = 0;
  }
}
