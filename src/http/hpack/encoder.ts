import type { ByteWriter } from '../byte-writer.ts';
import { staticLength, staticNames, staticValues } from './static-table.ts';

const entryOverhead = 32;
/** Tables larger than the usual one would only cost memory. */
const largestTable = 4096;

/** Headers whose values are new in each answer: to remember them would only push others out. */
const unsteady = new Set(['content-length', 'audit-id', 'etag', 'location', 'warning', 'traceparent']);

/** By name, then by value: to put both together for each look would cost more than the look. */
type Indexes = Map<string, Map<string, number>>;

const staticIndexes: Indexes = new Map();
const staticNameIndexes = new Map<string, number>();
for (let index = staticLength; index > 0; index--) {
  const name = staticNames[index]!;
  staticNameIndexes.set(name, index);
  if (staticValues[index] !== '') put(staticIndexes, name, staticValues[index]!, index);
}

interface Entry {
  readonly name: string;
  /** Empty where only the name is of use. */
  readonly value: string;
  readonly size: number;
}

/** Writes the header blocks of one connection (RFC 7541): what repeats is one byte, texts are not Huffman coded. */
export class HpackEncoder {
  /** The number of each entry in the order of their making: its index counts back from the newest one. */
  readonly #numbers: Indexes = new Map();
  #entries: Entry[] = [];
  /** Numbers begin with the entry that has been evicted last. */
  #evicted = 0;
  #bytes = 0;
  #capacity = largestTable;
  /** The peer changed the table's size: it waits to hear that we know, the smallest size in between first. */
  #announced: number[] = [];

  /** What the peer allows, from its settings. */
  limitTable(bytes: number): void {
    const capacity = Math.min(bytes, largestTable);
    if (capacity === this.#capacity && this.#announced.length === 0) return;
    const smallest = Math.min(capacity, ...this.#announced);
    this.#announced = smallest < capacity ? [smallest, capacity] : [capacity];
    this.#capacity = capacity;
    this.#evict(smallest);
  }

  /** Must begin each block. */
  begin(writer: ByteWriter): void {
    for (const size of this.#announced) writeInteger(writer, 0x20, 0x1f, size);
    this.#announced.length = 0;
  }

  status(writer: ByteWriter, status: number): void {
    this.field(writer, ':status', String(status));
  }

  field(writer: ByteWriter, name: string, value: string): void {
    const nameIndex = staticNameIndexes.get(name) ?? 0;
    if (unsteady.has(name)) return this.#unsteady(writer, name, value, nameIndex);
    const known = staticIndexes.get(name)?.get(value) ?? this.#indexOf(name, value);
    if (known !== undefined) return writeInteger(writer, 0x80, 0x7f, known);
    const isKept = this.#insert(name, value, name.length + value.length + entryOverhead);
    writeInteger(writer, isKept ? 0x40 : 0, isKept ? 0x3f : 0x0f, nameIndex);
    if (nameIndex === 0) writeText(writer, name);
    writeText(writer, value);
  }

  /** The name of such a header is remembered with its first value, so that it is a byte afterwards. */
  #unsteady(writer: ByteWriter, name: string, value: string, staticIndex: number): void {
    const known = staticIndex > 0 ? staticIndex : this.#indexOf(name, '');
    const isKept = known === undefined && this.#insert(name, '', name.length + value.length + entryOverhead);
    writeInteger(writer, isKept ? 0x40 : 0, isKept ? 0x3f : 0x0f, known ?? 0);
    if (known === undefined) writeText(writer, name);
    writeText(writer, value);
  }

  #indexOf(name: string, value: string): number | undefined {
    const number = this.#numbers.get(name)?.get(value);
    return number === undefined ? undefined : staticLength + this.#evicted + this.#entries.length - number + 1;
  }

  #insert(name: string, value: string, size: number): boolean {
    // An entry that fills half of the table would push out what is of more use.
    if (size > this.#capacity / 2) return false;
    this.#evict(this.#capacity - size);
    this.#entries.push({ name, value, size });
    this.#bytes += size;
    put(this.#numbers, name, value, this.#evicted + this.#entries.length);
    return true;
  }

  #evict(target: number): void {
    let count = 0;
    while (this.#bytes > target && count < this.#entries.length) {
      const { name, value, size } = this.#entries[count++]!;
      this.#bytes -= size;
      const values = this.#numbers.get(name)!;
      values.delete(value);
      if (values.size === 0) this.#numbers.delete(name);
    }
    if (count === 0) return;
    this.#entries.splice(0, count);
    this.#evicted += count;
  }
}

function put(indexes: Indexes, name: string, value: string, index: number): void {
  const values = indexes.get(name);
  if (values === undefined) indexes.set(name, new Map([[value, index]]));
  else values.set(value, index);
}

function writeInteger(writer: ByteWriter, flags: number, mask: number, value: number): void {
  if (value < mask) return writer.byte(flags | value);
  writer.byte(flags | mask);
  let rest = value - mask;
  while (rest >= 0x80) {
    writer.byte((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  writer.byte(rest);
}

function writeText(writer: ByteWriter, text: string): void {
  writeInteger(writer, 0, 0x7f, text.length);
  writer.latin1(text);
}
