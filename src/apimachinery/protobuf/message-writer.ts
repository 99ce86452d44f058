import type { RawNumber } from '../raw-number.ts';
import { parseTime } from '../time.ts';
import { base64Length, decodeBase64 } from './base64.ts';
import { kinds, type FieldPlan, type MessagePlan } from './plan.ts';
import { ByteWriter } from './writer.ts';

type Members = Readonly<Record<string, unknown>>;

/** Turns values as JSON has them into messages. Fields come in another order than Go writes them, which says nothing. */
export class MessageWriter {
  readonly #out = new ByteWriter();

  /** The message of a value that has the form of its definition; members that are null or unknown are left out. */
  write(plan: MessagePlan, value: Members): Uint8Array {
    try {
      this.#members(plan, value);
    } catch (error) {
      this.#out.take();
      throw error;
    }
    return this.#out.take();
  }

  #members(plan: MessagePlan, value: Members): void {
    for (const name in value) {
      const field = plan.byName.get(name);
      if (field === undefined) continue;
      const member = value[name];
      if (member !== undefined && member !== null) this.#field(field, member);
    }
    for (const inline of plan.inlines) {
      const before = this.#out.length;
      this.#members(inline.message, value);
      const length = this.#out.length - before;
      if (length === 0) continue;
      this.#out.small(length);
      this.#out.small(inline.tag);
    }
  }

  #field(field: FieldPlan, value: unknown): void {
    if (field.kind === kinds.map) return this.#map(field, value as Members);
    if (!field.repeated) return this.#tagged(field, value);
    const list = value as readonly unknown[];
    for (let at = list.length - 1; at >= 0; at--) this.#tagged(field, list[at]);
  }

  #tagged(field: FieldPlan, value: unknown): void {
    this.#value(field, value);
    this.#out.small(field.tag);
  }

  #value(field: FieldPlan, value: unknown): void {
    const out = this.#out;
    switch (field.kind) {
      case kinds.string:
        return out.string(String(value));
      case kinds.int32:
      case kinds.int64:
        return out.integer(value as number | RawNumber);
      case kinds.boolean:
        return out.small(value === true ? 1 : 0);
      case kinds.double:
        return out.double(Number(value));
      case kinds.bytes: {
        const text = String(value);
        return out.part(base64Length(text), (bytes, start) => decodeBase64(text, bytes, start));
      }
      case kinds.list:
      case kinds.message: {
        const before = out.length;
        if (field.kind === kinds.list) this.#list(field.element!, value as readonly unknown[]);
        else this.#members(field.message, value as Members);
        return out.small(out.length - before);
      }
      default:
        return this.#single(field, value);
    }
  }

  #list(item: FieldPlan, list: readonly unknown[]): void {
    for (let at = list.length - 1; at >= 0; at--) this.#tagged(item, list[at]);
  }

  #map({ element, tag }: FieldPlan, map: Members): void {
    const out = this.#out;
    for (const key in map) {
      const before = out.length;
      const value = map[key];
      if (value !== undefined && value !== null) this.#tagged(element!, value);
      out.string(key);
      out.small(10);
      out.small(out.length - before);
      out.small(tag);
    }
  }

  /** Values that are messages of their own on the wire. */
  #single(field: FieldPlan, value: unknown): void {
    const out = this.#out;
    const before = out.length;
    switch (field.kind) {
      case kinds.quantity:
        out.string(String(value));
        out.small(10);
        break;
      case kinds.intOrString:
        if (typeof value === 'string') {
          out.string(value);
          out.small(26);
        }
        if (typeof value !== 'string') {
          out.integer(Number(value));
          out.small(16);
        }
        out.small(typeof value === 'string' ? 1 : 0);
        out.small(8);
        break;
      case kinds.time:
        this.#instant(String(value), 0);
        break;
      case kinds.microTime:
        this.#instant(String(value), Number(/\.(\d{1,9})/.exec(String(value))?.[1]?.padEnd(9, '0') ?? 0));
        break;
      case kinds.json:
        out.string(JSON.stringify(value));
        out.small(10);
        break;
      default:
        this.#union(field, value);
    }
    out.small(out.length - before);
  }

  #instant(text: string, nanos: number): void {
    if (nanos !== 0) {
      this.#out.integer(nanos);
      this.#out.small(16);
    }
    this.#out.integer(secondsOf(text));
    this.#out.small(8);
  }

  #union({ kind, message }: FieldPlan, value: unknown): void {
    const out = this.#out;
    const schema = (one: unknown, tag: number) => {
      const before = out.length;
      this.#members(message, one as Members);
      out.small(out.length - before);
      out.small(tag);
    };
    if (typeof value === 'boolean') {
      out.small(value ? 1 : 0);
      out.small(8);
    } else if (Array.isArray(value)) {
      for (const item of value.toReversed())
        if (kind === kinds.schemaOrNames) {
          out.string(String(item));
          out.small(18);
        } else schema(item, 18);
    } else if (kind === kinds.schemaOrBool) {
      schema(value, 18);
      out.small(1);
      out.small(8);
    } else schema(value, 10);
  }
}

/** Of a time in the form in which the server keeps it; any other is read as such. */
function secondsOf(text: string): number {
  const second = digits(text, 17, 19);
  const isUsual = text.length >= 20 && text.charCodeAt(4) === dash && text.charCodeAt(10) === letterT;
  if (!isUsual || !text.endsWith('Z')) return Math.floor((parseTime(text) ?? 0) / 1000);
  const year = digits(text, 0, 4);
  // Date.UTC takes years below 100 for those of the last century.
  if (!(year >= 100)) return Math.floor((parseTime(text) ?? 0) / 1000);
  const hours = digits(text, 11, 13);
  return Date.UTC(year, digits(text, 5, 7) - 1, digits(text, 8, 10), hours, digits(text, 14, 16), second) / 1000;
}

const [dash, letterT, zero] = [0x2d, 0x54, 0x30];

function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + text.charCodeAt(at) - zero;
  return value;
}
