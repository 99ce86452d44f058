import { decodeHuffman, longestDecoded } from './huffman.ts';
import { staticLength, staticNames, staticValues } from './static-table.ts';

/** A header block breaks HPACK: the connection cannot go on, as both tables are no longer the same. */
export class HpackError extends Error {
  override readonly name = 'HpackError';
}

export interface HeaderList {
  /** Name, value, name, value… as they came, pseudo headers included. */
  readonly fields: string[];
  /** The block holds more than the limits allow: fields are missing. */
  readonly tooLarge: boolean;
}

export interface HeaderListLimits {
  /** Names and values and 32 bytes for each field. */
  readonly bytes: number;
  readonly fields: number;
}

/** What the peer may let us remember, in bytes, and thus in entries. */
const tableBytes = 4096;
const entryOverhead = 32;
const mostEntries = tableBytes / entryOverhead;

/** Coded texts of so many bytes, such as tokens, are kept to know them again: their clients put none of them in the table. */
const keptBytes = { least: 256, most: 2048 };

/** Reads the header blocks of one connection (RFC 7541). What a block costs is linear in its bytes. */
export class HpackDecoder {
  readonly #limits: HeaderListLimits;
  /** A ring of the newest entries; `#newest` is the place of the newest one. */
  readonly #names: string[] = new Array<string>(mostEntries).fill('');
  readonly #values: string[] = new Array<string>(mostEntries).fill('');
  #newest = 0;
  #entries = 0;
  #bytes = 0;
  #capacity = tableBytes;
  #scratch = Buffer.alloc(0);
  /** The last long text that came coded, and what it says. */
  #lastCoded = Buffer.alloc(0);
  #lastText = '';
  #block: Uint8Array = this.#scratch;
  #at = 0;
  #end = 0;

  constructor(limits: HeaderListLimits) {
    this.#limits = limits;
  }

  /** Throws {@link HpackError}. A block that is too large is read to its end, so that the next one can be read. */
  decode(block: Uint8Array, start: number, end: number): HeaderList {
    this.#block = block;
    this.#at = start;
    this.#end = end;
    const fields: string[] = [];
    let size = 0;
    let tooLarge = false;
    const { bytes: mostBytes, fields: mostFields } = this.#limits;
    while (this.#at < end) {
      const first = block[this.#at]!;
      if (first >= 0x20 && first < 0x40) {
        if (fields.length > 0 || tooLarge) throw new HpackError('Cannot decode headers: a table size behind a field');
        this.#resize(this.#integer(0x1f));
        continue;
      }
      const isIndexed = first >= 0x80;
      const index = this.#integer(isIndexed ? 0x7f : first >= 0x40 ? 0x3f : 0x0f);
      const name = !isIndexed && index === 0 ? this.#text() : this.#nameAt(index);
      const value = isIndexed ? this.#valueAt(index) : this.#text();
      if (!isIndexed && first >= 0x40) this.#insert(name, value);
      size += name.length + value.length + entryOverhead;
      if (size > mostBytes || fields.length >= mostFields * 2) tooLarge = true;
      else fields.push(name, value);
    }
    return { fields, tooLarge };
  }

  /** An integer that begins in the low bits of the present byte. */
  #integer(mask: number): number {
    let value = this.#block[this.#at++]! & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.#at >= this.#end) break;
      const byte = this.#block[this.#at++]!;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new HpackError('Cannot decode headers: an integer is cut off or too large');
  }

  #text(): string {
    if (this.#at >= this.#end) throw new HpackError('Cannot decode headers: the block is cut off');
    const isCoded = this.#block[this.#at]! >= 0x80;
    const length = this.#integer(0x7f);
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw new HpackError('Cannot decode headers: a text is cut off');
    if (!isCoded) return latin1(this.#block, start, this.#at);
    if (length < keptBytes.least || length > keptBytes.most) return this.#decoded(start, length);
    if (this.#lastCoded.compare(this.#block, start, this.#at) === 0) return this.#lastText;
    this.#lastText = this.#decoded(start, length);
    this.#lastCoded = Buffer.from(this.#block.subarray(start, this.#at));
    return this.#lastText;
  }

  #decoded(start: number, length: number): string {
    const longest = longestDecoded(length);
    if (this.#scratch.length < longest) this.#scratch = Buffer.allocUnsafeSlow(Math.max(256, longest));
    const size = decodeHuffman(this.#block, start, start + length, this.#scratch);
    if (size < 0) throw new HpackError('Cannot decode headers: a text breaks the Huffman code');
    return latin1(this.#scratch, 0, size);
  }

  #nameAt(index: number): string {
    return index <= staticLength && index > 0 ? staticNames[index]! : this.#names[this.#place(index)]!;
  }

  #valueAt(index: number): string {
    return index <= staticLength && index > 0 ? staticValues[index]! : this.#values[this.#place(index)]!;
  }

  #place(index: number): number {
    const age = index - staticLength - 1;
    if (age < 0 || age >= this.#entries) throw new HpackError(`Cannot decode headers: there is no entry ${index}`);
    return (this.#newest - age + mostEntries) % mostEntries;
  }

  #insert(name: string, value: string): void {
    const size = name.length + value.length + entryOverhead;
    this.#evict(this.#capacity - size);
    if (size > this.#capacity) return;
    this.#newest = (this.#newest + 1) % mostEntries;
    this.#names[this.#newest] = name;
    this.#values[this.#newest] = value;
    this.#entries++;
    this.#bytes += size;
  }

  #resize(capacity: number): void {
    if (capacity > tableBytes)
      throw new HpackError(`Cannot decode headers: a table of ${capacity} bytes, allowed are ${tableBytes}`);
    this.#capacity = capacity;
    this.#evict(capacity);
  }

  #evict(target: number): void {
    while (this.#bytes > target && this.#entries > 0) {
      const oldest = (this.#newest - this.#entries + 1 + mostEntries) % mostEntries;
      this.#bytes -= this.#names[oldest]!.length + this.#values[oldest]!.length + entryOverhead;
      this.#names[oldest] = this.#values[oldest] = '';
      this.#entries--;
    }
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return (bytes as Buffer).toString('latin1', start, end);
}
