import { itemWeight, keyWeight, mostWeight } from '../decode/body-weight.ts';
import { maximumDepth } from '../decode/scan.ts';
import { parseJson } from '../decode/parse-json.ts';
import { DecodeError } from '../decode/decode-error.ts';
import { setMember } from '../patch/json-value.ts';
import { rfc3339 } from '../time.ts';
import { encodeBase64 } from './base64.ts';
import { ProtobufError } from './facts.ts';
import { kinds, type FieldPlan, type MessagePlan } from './plan.ts';
import { ByteReader } from './reader.ts';

export type Members = Record<string, unknown>;

/** Of the years 1 to 9999: RFC 3339 has no others. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;
/** Times of which the text is remembered. */
const knownTimes = 128;

/** Entries of maps that count like other fields; of more, each counts as a key of a large map. */
const fewEntries = 8192;

/** Turns messages into the plain values that JSON would give. One message at a time. */
export class MessageReader {
  readonly #in = new ByteReader();
  #depth = 0;
  #weight = 0;
  #entries = 0;
  readonly #seconds = new Array<number>(knownTimes).fill(NaN);
  readonly #texts = new Array<string>(knownTimes).fill('');

  /** Throws {@link ProtobufError} for bytes that are not a message of the plan. */
  read(plan: MessagePlan, bytes: Uint8Array): Members {
    this.#in.open(bytes);
    this.#depth = 0;
    this.#weight = 0;
    this.#entries = 0;
    try {
      const into: Members = {};
      this.#fill(into, plan, bytes.length);
      return into;
    } finally {
      this.#in.close();
    }
  }

  #fill(into: Members, plan: MessagePlan, end: number): void {
    const reader = this.#in;
    if (++this.#depth > maximumDepth) throw new ProtobufError('exceeded max depth');
    while (reader.at < end) {
      const tag = reader.small();
      const field = plan.byNumber[tag >>> 3];
      if (field === undefined) {
        if (tag < 8) throw new ProtobufError(`proto: illegal tag ${tag >>> 3} (wire type ${tag & 7})`);
        reader.skipField(tag & 7);
      } else if (field.tag === tag) this.#field(into, field);
      else this.#packed(into, field, tag);
    }
    if (reader.at !== end) throw new ProtobufError('unexpected EOF');
    this.#depth--;
  }

  #field(into: Members, field: FieldPlan): void {
    this.#weigh(field.repeated ? itemWeight : 1);
    if (field.kind === kinds.map) return this.#entry(into, field);
    if (field.kind === kinds.inline) return this.#fill(into, field.message, this.#in.endOfPart());
    const { name } = field;
    const value = field.kind === kinds.string ? this.#in.string() : this.#value(field);
    if (field.repeated) {
      const list = into[name] as unknown[] | undefined;
      if (list === undefined) into[name] = [value];
      else list.push(value);
    } else if (value !== undefined && (field.keepsZero || (value !== '' && value !== 0 && value !== false))) {
      into[name] = value;
    }
  }

  /** As a body of JSON is weighed: an empty part takes two bytes, and an object here. */
  #weigh(weight: number): void {
    this.#weight += weight;
    if (this.#weight > mostWeight) throw new ProtobufError(`exceeded max fields (${mostWeight})`);
  }

  /** Several numbers of a list in one part. */
  #packed(into: Members, field: FieldPlan, tag: number): void {
    const isNumber = field.kind === kinds.int32 || field.kind === kinds.int64 || field.kind === kinds.boolean;
    if (!field.repeated || !isNumber || (tag & 7) !== 2)
      throw new ProtobufError(`proto: wrong wireType = ${tag & 7} for field ${goName(field.name)}`);
    const end = this.#in.endOfPart();
    while (this.#in.at < end) this.#field(into, field);
  }

  #value(field: FieldPlan): unknown {
    const reader = this.#in;
    switch (field.kind) {
      case kinds.string:
        return reader.string();
      case kinds.int32:
        return reader.int32();
      case kinds.int64:
        return reader.int64();
      case kinds.boolean:
        return reader.int32() !== 0;
      case kinds.double:
        return reader.double();
      case kinds.bytes:
        return encodeBase64(reader.bytes());
      case kinds.message: {
        const into: Members = {};
        this.#fill(into, field.message, reader.endOfPart());
        return into;
      }
      case kinds.list:
        return this.#list(field.element!);
      case kinds.quantity:
        return this.#quantity();
      case kinds.intOrString:
        return this.#intOrString();
      case kinds.time:
        return this.#time(false);
      case kinds.microTime:
        return this.#time(true);
      case kinds.json:
        return this.#json();
      default:
        return this.#union(field);
    }
  }

  #entry(into: Members, { name, element }: FieldPlan): void {
    if (++this.#entries > fewEntries) this.#weigh(keyWeight - 1);
    const reader = this.#in;
    const end = reader.endOfPart();
    let key = '';
    let value: unknown;
    while (reader.at < end) {
      const tag = reader.small();
      if (tag === 10) key = reader.string();
      else if (tag === element!.tag) value = this.#value(element!);
      else reader.skipField(tag & 7);
    }
    setMember((into[name] ??= {}) as Members, key, value ?? emptyOf(element!));
  }

  #list(item: FieldPlan): unknown[] {
    const list: unknown[] = [];
    this.#parts((tag) => {
      if (tag !== item.tag) return false;
      list.push(this.#value(item));
      return true;
    });
    return list;
  }

  #quantity(): string {
    const reader = this.#in;
    const end = reader.endOfPart();
    let value = '0';
    while (reader.at < end) {
      const tag = reader.small();
      if (tag === 10) value = reader.string();
      else reader.skipField(tag & 7);
    }
    return value;
  }

  #intOrString(): unknown {
    const reader = this.#in;
    const end = reader.endOfPart();
    let [isText, number, text] = [false, 0, ''];
    while (reader.at < end) {
      const tag = reader.small();
      if (tag === 8) isText = reader.int32() === 1;
      else if (tag === 16) number = reader.int32();
      else if (tag === 26) text = reader.string();
      else reader.skipField(tag & 7);
    }
    return isText ? text : number;
  }

  /** A time that was never set is an empty message: no value. */
  #time(isMicro: boolean): string | undefined {
    const reader = this.#in;
    const end = reader.endOfPart();
    if (reader.at === end) return undefined;
    let [seconds, nanos] = [0, 0];
    while (reader.at < end) {
      const tag = reader.small();
      if (tag === 8) seconds = Number(reader.int64());
      else if (tag === 16) nanos = reader.int32();
      else reader.skipField(tag & 7);
    }
    const text = this.#secondsText(seconds);
    if (!isMicro) return text;
    return `${text.slice(0, -1)}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
  }

  /** Most times of an object are the same few. */
  #secondsText(seconds: number): string {
    const slot = Math.abs(seconds % knownTimes);
    if (seconds === this.#seconds[slot]) return this.#texts[slot]!;
    if (!(seconds >= firstSecond && seconds <= lastSecond)) throw new ProtobufError('time is out of range');
    this.#seconds[slot] = seconds;
    return (this.#texts[slot] = rfc3339(seconds * 1000));
  }

  #json(): unknown {
    let value: unknown;
    this.#parts((tag) => {
      if (tag !== 10) return false;
      const text = this.#in.string();
      if (text !== '') value = parsed(text);
      return true;
    });
    return value;
  }

  #union({ kind, message }: FieldPlan): unknown {
    let value: unknown = kind === kinds.schemaOrBool ? false : undefined;
    const list: unknown[] = [];
    const schema = () => {
      const into: Members = {};
      this.#fill(into, message, this.#in.endOfPart());
      return into;
    };
    this.#parts((tag) => {
      if (kind === kinds.schemaOrBool && tag === 8) value = value === false ? this.#in.int32() !== 0 : value;
      else if (tag === (kind === kinds.schemaOrBool ? 18 : 10)) value = schema();
      else if (kind === kinds.schemaOrArray && tag === 18) list.push(schema());
      else if (kind === kinds.schemaOrNames && tag === 18) list.push(this.#in.string());
      else return false;
      return true;
    });
    return value ?? list;
  }

  /** Gives the tag of each field of the message that begins here; those that are not taken are passed over. */
  #parts(take: (tag: number) => boolean): void {
    const reader = this.#in;
    const end = reader.endOfPart();
    while (reader.at < end) {
      const tag = reader.small();
      if (!take(tag)) reader.skipField(tag & 7);
    }
    if (reader.at !== end) throw new ProtobufError('unexpected EOF');
  }
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new ProtobufError(`embedded JSON: ${error.message}`);
  }
}

/** What an entry of a map has that says no value. */
function emptyOf({ kind }: FieldPlan): unknown {
  switch (kind) {
    case kinds.string:
    case kinds.bytes:
      return '';
    case kinds.quantity:
      return '0';
    case kinds.list:
      return [];
    default:
      return {};
  }
}

function goName(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
