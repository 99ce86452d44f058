import { ByteReader } from '../../../apimachinery/protobuf/reader.ts';
import { ByteWriter } from '../../../apimachinery/protobuf/writer.ts';

/** What a field of the few messages here may hold. Empty values are not sent. */
export type FieldValue = string | Uint8Array | number | ReadonlyMap<string, Uint8Array>;

const varint = 0;
const sized = 2;

/** A protobuf message of fields by number. */
export function encodeFields(fields: Readonly<Record<number, FieldValue>>): Uint8Array {
  const out = new ByteWriter(512);
  // The writer goes from end to beginning.
  const numbers = Object.keys(fields)
    .map(Number)
    .sort((a, b) => b - a);
  for (const number of numbers) writeField(out, number, fields[number]!);
  return out.take();
}

function writeField(out: ByteWriter, number: number, value: FieldValue): void {
  if (typeof value === 'number') {
    if (value === 0) return;
    out.integer(value);
    out.small(number * 8 + varint);
  } else if (value instanceof Map) {
    for (const [key, bytes] of value as ReadonlyMap<string, Uint8Array>)
      writeField(out, number, encodeFields({ 1: key, 2: bytes }));
  } else if ((value as string | Uint8Array).length > 0) {
    if (typeof value === 'string') out.string(value);
    else out.bytes(value as Uint8Array);
    out.small(number * 8 + sized);
  }
}

/** The fields of a message as they came; what is absent is empty. */
export class ReceivedFields {
  readonly #parts = new Map<number, Uint8Array[]>();
  readonly #numbers = new Map<number, number>();

  /** Throws where the bytes are no message. */
  constructor(bytes: Uint8Array) {
    const reader = new ByteReader();
    reader.open(bytes);
    while (reader.at < bytes.length) {
      const tag = reader.small();
      const number = Math.floor(tag / 8);
      const wire = tag % 8;
      if (number === 0) throw new Error('proto: illegal tag 0');
      if (wire === sized) this.#parts.set(number, [...(this.#parts.get(number) ?? []), reader.bytes()]);
      else if (wire === varint) this.#numbers.set(number, Number(reader.int64()));
      else reader.skipField(wire);
    }
  }

  bytes(number: number): Uint8Array {
    return this.#parts.get(number)?.at(-1) ?? new Uint8Array();
  }

  text(number: number): string {
    return Buffer.from(this.bytes(number)).toString();
  }

  number(number: number): number {
    return this.#numbers.get(number) ?? 0;
  }

  map(number: number): ReadonlyMap<string, Uint8Array> {
    const entries = (this.#parts.get(number) ?? []).map((part) => new ReceivedFields(part));
    return new Map(entries.map((entry) => [entry.text(1), entry.bytes(2)]));
  }
}
