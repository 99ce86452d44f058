export interface PortSpan {
  readonly from: number;
  readonly to: number;
}

/** A set of ports of a range, stored as upstream stores it: a v1 RangeAllocation with the bits of one big-endian number. */
export class PortBitmap {
  readonly #range: PortSpan;
  /** Bit `i` of byte `j`: the port `from + 8 j + i`. */
  readonly #bits: Uint8Array;

  constructor(range: PortSpan, bits = new Uint8Array((range.to - range.from + 8) >> 3)) {
    this.#range = range;
    this.#bits = bits;
  }

  /** What was stored for another range is of no use: nothing of it is taken. */
  static decode(stored: Uint8Array, range: PortSpan): PortBitmap {
    const { range: text, data } = JSON.parse(Buffer.from(stored).toString()) as { range: string; data?: string };
    const bitmap = new PortBitmap(range);
    if (text !== bitmap.#text) return bitmap;
    const bytes = Buffer.from(data ?? '', 'base64').reverse();
    bitmap.#bits.set(bytes.subarray(0, bitmap.#bits.length));
    return bitmap;
  }

  encode(): Uint8Array {
    let length = this.#bits.length;
    while (length > 0 && this.#bits[length - 1] === 0) length--;
    const data = Buffer.from(this.#bits.subarray(0, length)).reverse().toString('base64');
    const stored = { metadata: {}, kind: 'RangeAllocation', apiVersion: 'v1', range: this.#text, data };
    return new TextEncoder().encode(JSON.stringify(stored));
  }

  equals(other: PortBitmap): boolean {
    return Buffer.compare(this.#bits, other.#bits) === 0;
  }

  copy(): PortBitmap {
    return new PortBitmap(this.#range, this.#bits.slice());
  }

  has(port: number): boolean {
    const at = port - this.#range.from;
    return this.#isInside(port) && (this.#bits[at >> 3]! & (1 << (at & 7))) !== 0;
  }

  /** Ports outside the range are passed over. */
  add(port: number): void {
    const at = port - this.#range.from;
    if (this.#isInside(port)) this.#bits[at >> 3]! |= 1 << (at & 7);
  }

  delete(port: number): void {
    const at = port - this.#range.from;
    if (this.#isInside(port)) this.#bits[at >> 3]! &= ~(1 << (at & 7));
  }

  *ports(): Iterable<number> {
    for (let port = this.#range.from; port <= this.#range.to; port++) if (this.has(port)) yield port;
  }

  #isInside(port: number): boolean {
    return port >= this.#range.from && port <= this.#range.to;
  }

  get #text(): string {
    return `${this.#range.from}-${this.#range.to}`;
  }
}
