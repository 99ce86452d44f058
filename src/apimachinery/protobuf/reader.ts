/** The wire types that Kubernetes messages use (Protocol Buffers encoding). */
export type WireType = 0 | 1 | 2 | 5;

/** Bytes that are not a message of the expected form; the text goes to the client. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

const text = new TextDecoder('utf-8', { fatal: false });

/** Reads one protobuf message field by field. Never reads beyond its part of the bytes. */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** The number and wire type of the next field, or `undefined` at the end. */
  field(): { readonly number: number; readonly wire: WireType } | undefined {
    if (this.#at >= this.#end) return undefined;
    const tag = Number(this.unsigned());
    const wire = tag & 7;
    if (wire !== 0 && wire !== 1 && wire !== 2 && wire !== 5)
      throw new ProtobufError(`proto: illegal wireType ${wire}`);
    const number = tag >>> 3;
    if (number === 0) throw new ProtobufError(`proto: illegal tag ${number} (wire type ${wire})`);
    return { number, wire };
  }

  unsigned(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#at >= this.#end) throw new ProtobufError('unexpected EOF');
      const byte = this.#bytes[this.#at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  /** A signed 64-bit integer, as a number: the API has none beyond 2^53. */
  signed(): number {
    return Number(BigInt.asIntN(64, this.unsigned()));
  }

  double(): number {
    const start = this.#skipTo(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, 8).getFloat64(0, true);
  }

  /** The bytes of a length-delimited field, not copied. */
  bytes(): Uint8Array {
    const length = Number(this.unsigned());
    const start = this.#skipTo(length);
    return this.#bytes.subarray(start, start + length);
  }

  string(): string {
    return text.decode(this.bytes());
  }

  /** A reader of the message in a length-delimited field. */
  message(): ProtobufReader {
    return new ProtobufReader(this.bytes());
  }

  skip(wire: WireType): void {
    if (wire === 0) this.unsigned();
    else if (wire === 2) this.bytes();
    else this.#skipTo(wire === 1 ? 8 : 4);
  }

  /** Moves on by `length` bytes and answers where they began. */
  #skipTo(length: number): number {
    const start = this.#at;
    if (length > this.#end - start) throw new ProtobufError('unexpected EOF');
    this.#at = start + length;
    return start;
  }
}
