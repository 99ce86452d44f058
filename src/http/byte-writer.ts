/** Buffers that connections write from, given back when the kernel has their bytes, so that few are made anew. */
export class BufferPool {
  readonly #kinds: readonly { readonly size: number; readonly most: number; readonly free: Buffer[] }[];

  /** Buffers of some sizes, the smallest first; so many of each are kept. */
  constructor(...kinds: readonly { readonly size: number; readonly most: number }[]) {
    this.#kinds = kinds.map((kind) => ({ ...kind, free: [] }));
  }

  /** At least of this size. */
  take(size: number): Buffer {
    for (const kind of this.#kinds) if (size <= kind.size) return kind.free.pop() ?? Buffer.allocUnsafeSlow(kind.size);
    return Buffer.allocUnsafeSlow(size);
  }

  give(buffer: Buffer): void {
    for (const { size, most, free } of this.#kinds) if (buffer.length === size && free.length < most) free.push(buffer);
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
    const next = this.#pool.take(this.buffer.length === 0 ? wanted : Math.max(wanted, this.buffer.length * 2));
    if (this.length > 0) next.set(this.buffer.subarray(0, this.length));
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
