import type { RawNumber } from '../raw-number.ts';

const encoder = new TextEncoder();
/** Shorter texts are written letter by letter: a call of the encoder costs as much as forty of them. */
const shortText = 48;
const smallest = 4096;
/** A larger buffer is not kept for the next message. */
const largestKept = 1024 * 1024;

/**
 * Writes a protobuf message from its end to its beginning: so the length of each part is known when it is written, and
 * nothing need be measured before or moved after.
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  /** Where the first byte stands that was written last. */
  #at: number;

  /** `capacity`: bytes that are written without another buffer. */
  constructor(capacity = smallest) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
    this.#at = capacity;
  }

  /** Bytes written so far; the length of a part is the difference of two of these. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** A copy of what was written since the last call. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(this.#at);
    if (this.#bytes.length > largestKept) {
      this.#bytes = new Uint8Array(smallest);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#at = this.#bytes.length;
    return taken;
  }

  /** A number below 2^32: a tag or a length. */
  small(value: number): void {
    if (value < 0x80) {
      this.#room(1);
      this.#bytes[--this.#at] = value;
      return;
    }
    this.#room(5);
    const bytes = value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
    this.#at -= bytes;
    let at = this.#at;
    for (; value >= 0x80; value = Math.floor(value / 0x80)) this.#bytes[at++] = (value & 0x7f) | 0x80;
    this.#bytes[at] = value;
  }

  /** A signed integer of up to 64 bits. */
  integer(value: number | RawNumber): void {
    if (typeof value === 'number' && value >= 0 && value < 0x80000000) return this.small(value);
    const number = Number(value);
    if (Number.isSafeInteger(number)) return this.#halves(number >>> 0, Math.floor(number / 2 ** 32) >>> 0);
    const bits = BigInt.asUintN(64, BigInt(String(value)));
    this.#halves(Number(bits & 0xffffffffn), Number(bits >> 32n));
  }

  double(value: number): void {
    this.#room(8);
    this.#at -= 8;
    this.#view.setFloat64(this.#at, value, true);
  }

  /** Bytes with their length before them. */
  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#at -= value.length;
    this.#bytes.set(value, this.#at);
    this.small(value.length);
  }

  /** A text with its length before it. */
  string(value: string): void {
    if (value.length <= shortText && this.#letters(value)) return this.small(value.length);
    this.#room(value.length * 3);
    const start = this.#at - value.length * 3;
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(start, this.#at));
    this.#bytes.copyWithin(this.#at - written, start, start + written);
    this.#at -= written;
    this.small(written);
  }

  /** Room for `length` bytes before all others, for the caller to fill, with their length before them. */
  part(length: number, fill: (bytes: Uint8Array, start: number) => void): void {
    this.#room(length);
    this.#at -= length;
    fill(this.#bytes, this.#at);
    this.small(length);
  }

  /** Whether all letters are of one byte; otherwise nothing is written. */
  #letters(value: string): boolean {
    this.#room(value.length);
    const start = this.#at - value.length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) return false;
      this.#bytes[start + i] = code;
    }
    this.#at = start;
    return true;
  }

  #halves(low: number, high: number): void {
    const groups = [];
    for (; high > 0 || low >= 0x80; high >>>= 7) {
      groups.push((low & 0x7f) | 0x80);
      low = ((low >>> 7) | ((high & 0x7f) << 25)) >>> 0;
    }
    this.#room(10);
    this.#bytes[--this.#at] = low;
    while (groups.length > 0) this.#bytes[--this.#at] = groups.pop()!;
  }

  #room(length: number): void {
    if (length <= this.#at) return;
    const used = this.length;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, used + length + smallest));
    grown.set(this.#bytes.subarray(this.#at), grown.length - used);
    this.#at = grown.length - used;
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
