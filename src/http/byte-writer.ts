/** Buffers that connections write from, given back when the kernel has their bytes, so that few are made anew. */
export class BufferPool {
  readonly #free: Buffer[] = [];
  /** Bytes of a usual buffer. */
  readonly size: number;
  readonly #most: number;

  constructor(size: number, most: number) {
    this.size = size;
    this.#most = most;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  give(buffer: Buffer): void {
    if (buffer.length === this.size && this.#free.length < this.#most) this.#free.push(buffer);
  }
}

const none = Buffer.alloc(0);

/** Bytes that grow at the end. */
export class ByteWriter {
  readonly #pool: BufferPool;
  buffer: Buffer = none;
  length = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** Makes room for `size` bytes more. */
  reserve(size: number): void {
    const wanted = this.length + size;
    if (wanted <= this.buffer.length) return;
    const next =
      wanted <= this.#pool.size ? this.#pool.take() : Buffer.allocUnsafeSlow(Math.max(wanted, this.buffer.length * 2));
    next.set(this.buffer.subarray(0, this.length));
    this.#pool.give(this.buffer);
    this.buffer = next;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = value;
  }

  /** Characters up to U+00FF, a byte each. */
  latin1(text: string): void {
    const size = text.length;
    this.reserve(size);
    const { buffer } = this;
    let at = this.length;
    if (size > 24) buffer.write(text, at, 'latin1');
    else for (let index = 0; index < size; index++) buffer[at++] = text.charCodeAt(index);
    this.length += size;
  }

  bytes(part: Uint8Array): void {
    this.reserve(part.length);
    this.buffer.set(part, this.length);
    this.length += part.length;
  }

  /** Takes what was written away, and begins anew. */
  take(): { readonly buffer: Buffer; readonly bytes: Buffer } {
    const { buffer, length } = this;
    this.buffer = none;
    this.length = 0;
    return { buffer, bytes: buffer.subarray(0, length) };
  }
}
