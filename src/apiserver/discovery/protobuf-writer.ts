const encoder = new TextEncoder();

/** Appends protobuf fields to one growing buffer. Empty strings and false are written too: leave them out at the call. */
export class ProtobufWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
  }

  string(field: number, value: string): void {
    this.#tag(field, 2);
    const start = this.#reserveLength();
    this.#room(value.length * 3);
    this.#length += encoder.encodeInto(value, this.#bytes.subarray(this.#length)).written;
    this.#fillLength(start);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, 2);
    this.#varint(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  bool(field: number, value: boolean): void {
    this.#tag(field, 0);
    this.#varint(value ? 1 : 0);
  }

  double(field: number, value: number): void {
    this.#tag(field, 1);
    this.#room(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** A nested message, filled by `write`, which gets this same writer. */
  message(field: number, write: (nested: ProtobufWriter) => void): void {
    this.#tag(field, 2);
    const start = this.#reserveLength();
    write(this);
    this.#fillLength(start);
  }

  /** What was written so far; valid until the next write. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Leaves one byte for the length of what follows, as most lengths need no more. */
  #reserveLength(): number {
    this.#room(1);
    return ++this.#length;
  }

  /** Writes the length of all since `start` before it, and moves it where that takes more than the byte left. */
  #fillLength(start: number): void {
    const length = this.#length - start;
    const extra = varintSize(length) - 1;
    // Enough for the number below too: growing the buffer there would lose what stands behind it.
    this.#room(10);
    if (extra > 0) this.#bytes.copyWithin(start + extra, start, this.#length);
    this.#length = start - 1;
    this.#varint(length);
    this.#length += length;
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#room(10);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #room(needed: number): void {
    if (this.#length + needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + needed));
    larger.set(this.finish());
    this.#bytes = larger;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}
