import { ednsLength, writeEdns, type EdnsAnswer } from './edns.ts';
import { firstLabel } from './name.ts';
import { headerLength } from './query.ts';
import { internetClass, recordType, type DnsRecord } from './record.ts';

/** A name can be pointed to up to here. */
const farthestTarget = 0x3fff;
const recordHeadLength = 10;

/** Appends to a message; names that are there already are pointed to. Grows as needed. */
export class MessageWriter {
  #bytes: Buffer;
  #length = headerLength;
  readonly #question: string;
  /** Where names and their ends are. The question's join when something else is to be written: most answers need none. */
  #names: Map<string, number> | undefined;

  /** A message with its header, which is still to be set, and the question of this name. */
  constructor(name: string, question: Buffer, size: number) {
    this.#bytes = Buffer.allocUnsafe(Math.max(size, headerLength + question.length));
    this.#question = name;
    question.copy(this.#bytes, headerLength);
    this.#length += question.length;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes back what was written behind this place. No name may be written after that. */
  cut(length: number): void {
    this.#length = length;
  }

  setHeader(fields: readonly [id: number, flags: number, ...counts: number[]]): void {
    fields.forEach((field, index) => this.#bytes.writeUInt16BE(field, index * 2));
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  edns(said: EdnsAnswer): void {
    this.#reserve(ednsLength);
    writeEdns(this.#bytes, this.#length, said);
    this.#length += ednsLength;
  }

  record(record: DnsRecord): void {
    this.#name(record.name);
    this.#reserve(recordHeadLength);
    this.#u16(recordType[record.type]);
    this.#u16(internetClass);
    this.#u32(record.ttl);
    const lengthAt = this.#length;
    this.#length += 2;
    this.#data(record);
    this.#bytes.writeUInt16BE(this.#length - lengthAt - 2, lengthAt);
  }

  #data(record: DnsRecord): void {
    switch (record.type) {
      case 'A':
      case 'AAAA':
        this.#reserve(record.address.length);
        for (const byte of record.address) this.#bytes[this.#length++] = byte;
        return;
      case 'CNAME':
      case 'NS':
      case 'PTR':
        this.#name(record.target);
        return;
      case 'TXT':
        for (let at = 0; at === 0 || at < record.text.length; at += 255) this.#text(record.text.slice(at, at + 255));
        return;
      case 'SRV':
        this.#reserve(6);
        this.#u16(record.priority);
        this.#u16(record.weight);
        this.#u16(record.port);
        // RFC 2782: the target is written out.
        this.#name(record.target, false);
        return;
      case 'SOA':
        this.#name(record.server);
        this.#name(record.mailbox);
        this.#reserve(20);
        for (const value of [record.serial, record.refresh, record.retry, record.expire, record.minimum])
          this.#u32(value);
    }
  }

  #name(name: string, mayPoint = true): void {
    if (mayPoint && name === this.#question && name !== '') {
      this.#reserve(2);
      this.#u16(0xc000 | headerLength);
      return;
    }
    const names = (this.#names ??= placesOf(this.#question));
    let rest = name;
    while (rest !== '') {
      const known = names.get(rest);
      if (known !== undefined && mayPoint) {
        this.#reserve(2);
        this.#u16(0xc000 | known);
        return;
      }
      if (known === undefined && this.#length <= farthestTarget) names.set(rest, this.#length);
      const { label, rest: next } = firstLabel(rest);
      this.#text(label);
      rest = next;
    }
    this.#reserve(1);
    this.#bytes[this.#length++] = 0;
  }

  #text(text: string): void {
    this.#reserve(1 + text.length);
    this.#bytes[this.#length++] = text.length;
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  #u16(value: number): void {
    this.#length = this.#bytes.writeUInt16BE(value, this.#length);
  }

  #u32(value: number): void {
    this.#length = this.#bytes.writeUInt32BE(value >>> 0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe((this.#length + more) * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function placesOf(question: string): Map<string, number> {
  const names = new Map<string, number>();
  let at = headerLength;
  for (let rest = question; rest !== '';) {
    names.set(rest, at);
    const { label, rest: next } = firstLabel(rest);
    at += 1 + label.length;
    rest = next;
  }
  return names;
}
