import { RawNumber } from '../raw-number.ts';
import { ProtobufError } from './facts.ts';

/** What Node's buffers can do faster than any other array of bytes. */
interface NodeBytes {
  latin1Slice?(start: number, end: number): string;
  utf8Slice?(start: number, end: number): string;
}

const utf8 = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
/** Texts that are looked up before they are made: the same few names stand in most messages. */
const longestShared = 40;
const sharedTexts = 4096;

/** Reads the parts of protobuf messages from bytes, one after the other, and never beyond the end. */
export class ByteReader {
  at = 0;
  #bytes: Uint8Array & NodeBytes = new Uint8Array();
  #end = 0;
  readonly #shared: string[] = new Array<string>(sharedTexts).fill('');

  /** Goes on with other bytes. */
  open(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.at = 0;
    this.#end = bytes.length;
  }

  /** Lets go of the bytes, so that a reader which waits holds no body. */
  close(): void {
    this.open(new Uint8Array());
  }

  /** A number below 2^32: a tag or a length. */
  small(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  /** The low 32 bits, as Go takes them for an int32. */
  int32(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  /** A signed number of 64 bits, in two halves of 32. */
  int64(): number | RawNumber {
    const first = this.#byte();
    if (first < 0x80) return first;
    let low = first & 0x7f;
    let high = 0;
    for (let shift = 7; shift < 70; shift += 7) {
      const byte = this.#byte();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) return join(low >>> 0, high | 0);
    }
    throw new ProtobufError('proto: integer overflow');
  }

  double(): number {
    const start = this.skip(8);
    const { buffer, byteOffset } = this.#bytes;
    return new DataView(buffer, byteOffset + start, 8).getFloat64(0, true);
  }

  /** Where a part of the length that stands here ends. */
  endOfPart(): number {
    const length = this.small();
    const end = this.at + length;
    if (end > this.#end) throw new ProtobufError('unexpected EOF');
    return end;
  }

  bytes(): Uint8Array {
    const end = this.endOfPart();
    const part = this.#bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }

  string(): string {
    const end = this.endOfPart();
    const start = this.at;
    this.at = end;
    const length = end - start;
    if (length === 0) return '';
    if (length > longestShared) return this.#text(start, end);
    let hash = length;
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at]!;
      if (byte >= 0x80) return this.#text(start, end);
      hash = (hash * 31 + byte) | 0;
    }
    const slot = (hash ^ (hash >>> 13)) & (sharedTexts - 1);
    const known = this.#shared[slot]!;
    if (known.length === length && this.#is(known, start)) return known;
    return (this.#shared[slot] = this.#bytes.latin1Slice?.(start, end) ?? this.#text(start, end));
  }

  /** Passes over a field that nobody knows. */
  skipField(wire: number): void {
    if (wire === 0) this.int64();
    else if (wire === 2) this.at = this.endOfPart();
    else if (wire === 1 || wire === 5) this.skip(wire === 1 ? 8 : 4);
    else throw new ProtobufError(`proto: illegal wireType ${wire}`);
  }

  /** Moves on by `length` bytes and answers where they began. */
  skip(length: number): number {
    const start = this.at;
    if (length > this.#end - start) throw new ProtobufError('unexpected EOF');
    this.at = start + length;
    return start;
  }

  #byte(): number {
    if (this.at >= this.#end) throw new ProtobufError('unexpected EOF');
    return this.#bytes[this.at++]!;
  }

  #is(text: string, start: number): boolean {
    for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== this.#bytes[start + at]) return false;
    return true;
  }

  #text(start: number, end: number): string {
    return this.#bytes.utf8Slice?.(start, end) ?? utf8.decode(this.#bytes.subarray(start, end));
  }
}

const halfRange = 2 ** 32;
/** A high half below this makes a number that is exact. */
const exactHigh = 2 ** 21;

function join(low: number, high: number): number | RawNumber {
  if (high >= -exactHigh && high < exactHigh) return high * halfRange + low;
  return RawNumber.ofInteger((BigInt(high) << 32n) | BigInt(low));
}
