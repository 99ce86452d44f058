import type { Definition, Field, Schema } from '../schema.ts';
import { rfc3339, rfc3339Micro } from '../time.ts';
import { ProtobufError, ProtobufReader, type WireType } from './reader.ts';

/** The recorded facts that say how API types look as protobuf messages. */
export interface ProtobufFacts {
  readonly schema: Schema;
  /** Field numbers of structs that JSON inlines and protobuf does not, by definition. */
  readonly inlined: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Scalar fields in which a zero was set by somebody, by definition; in all others Go writes zeros that mean nothing. */
  readonly presence: Readonly<Record<string, readonly string[]>>;
}

/** Writes one field of a message into the object that stands for it. */
type FieldReader = (into: Members, reader: ProtobufReader, wire: WireType) => void;
type ValueReader = (reader: ProtobufReader) => unknown;
type Members = Record<string, unknown>;

/** `k8s` and a zero: the beginning of every message in `application/vnd.kubernetes.protobuf`. */
const magic = [0x6b, 0x38, 0x73, 0x00];

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

/** Go types that are messages on this wire and single values in JSON. */
const singleValues: Readonly<Record<string, ValueReader>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': quantity,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': intOrString,
  'io.k8s.apimachinery.pkg.runtime.RawExtension': embeddedJson,
  [`${meta}FieldsV1`]: embeddedJson,
  [`${meta}Time`]: (reader) => time(reader, rfc3339),
  [`${meta}MicroTime`]: (reader) => time(reader, rfc3339Micro),
};

/**
 * Decodes `application/vnd.kubernetes.protobuf` into the plain JSON values that the rest of the server works on. Plans
 * for messages are made from the facts when first needed.
 */
export class ProtobufDecoder {
  readonly #facts: ProtobufFacts;
  readonly #plans = new Map<string, Map<number, FieldReader>>();

  constructor(facts: ProtobufFacts) {
    this.#facts = facts;
  }

  /** The object in a body, with kind and apiVersion as the envelope names them. `definition` is what it is expected to be. */
  decode(bytes: Uint8Array, definition: string): Members {
    if (magic.some((byte, at) => bytes[at] !== byte)) {
      throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
    }
    const reader = new ProtobufReader(bytes, magic.length);
    let type: Members = {};
    let raw: Uint8Array = new Uint8Array();
    for (let field = reader.field(); field !== undefined; field = reader.field()) {
      if (field.number === 1 && field.wire === 2) type = typeMeta(reader.message());
      else if (field.number === 2 && field.wire === 2) raw = reader.bytes();
      else reader.skip(field.wire);
    }
    return { ...type, ...this.#message(definition, new ProtobufReader(raw)) };
  }

  #message(definition: string, reader: ProtobufReader): Members {
    const into: Members = {};
    this.#fill(into, this.#planOf(definition), reader);
    return into;
  }

  #fill(into: Members, plan: Map<number, FieldReader>, reader: ProtobufReader): void {
    for (let field = reader.field(); field !== undefined; field = reader.field()) {
      const read = plan.get(field.number);
      if (read === undefined) reader.skip(field.wire);
      else read(into, reader, field.wire);
    }
  }

  #planOf(name: string): Map<number, FieldReader> {
    let plan = this.#plans.get(name);
    if (plan !== undefined) return plan;
    plan = new Map();
    this.#plans.set(name, plan);
    const definition = this.#facts.schema[name];
    if (definition === undefined) throw new Error(`Cannot decode "${name}": no such definition is recorded`);
    for (const [field, facts] of Object.entries(definition.fields ?? {})) {
      if (facts.pb !== undefined) plan.set(facts.pb, this.#fieldReader(name, field, facts));
    }
    const inlines = (definition as { pbInline?: readonly { pb: number; type: string }[] }).pbInline ?? [];
    for (const { pb, type } of inlines) plan.set(pb, this.#inlineReader(name, definition, type));
    return plan;
  }

  /** A message of its own on the wire whose fields stand in the surrounding object. */
  #inlineReader(outer: string, { fields = {} }: Definition, type: string): FieldReader {
    const inner = `${outer.slice(0, outer.lastIndexOf('.'))}.${type.slice(type.indexOf('.') + 1)}`;
    const plan = new Map<number, FieldReader>();
    const numbers = this.#facts.inlined[inner] ?? numbersOf(this.#facts.schema[inner]);
    for (const [name, number] of Object.entries(numbers)) {
      if (name.startsWith('~')) plan.set(number, this.#inlineReader(outer, { fields }, `v1.${name.slice(1)}`));
      else if (fields[name] !== undefined) plan.set(number, this.#fieldReader(outer, name, fields[name]));
    }
    return (into, reader) => this.#fill(into, plan, reader.message());
  }

  #fieldReader(owner: string, name: string, field: Field): FieldReader {
    if (field.array !== undefined) {
      const readItem = this.#valueReader(field.array);
      return (into, reader) => {
        ((into[name] ??= []) as unknown[]).push(readItem(reader));
      };
    }
    if (field.map !== undefined) return this.#mapReader(name, field.map);
    const read = this.#valueReader(field);
    const keepsZero = field.required === true || (this.#facts.presence[owner]?.includes(name) ?? false);
    return (into, reader) => {
      const value = read(reader);
      if (value === undefined) return;
      if (!keepsZero && (value === '' || value === 0 || value === false)) return;
      into[name] = value;
    };
  }

  #mapReader(name: string, values: Field): FieldReader {
    const readValue = values.array === undefined ? this.#valueReader(values) : this.#listReader(values.array);
    return (into, reader) => {
      const entry = reader.message();
      let key = '';
      let value: unknown = values.ref === undefined && values.type === 'string' ? '' : undefined;
      for (let field = entry.field(); field !== undefined; field = entry.field()) {
        if (field.number === 1) key = entry.string();
        else if (field.number === 2) value = readValue(entry);
        else entry.skip(field.wire);
      }
      Object.defineProperty((into[name] ??= {}) as Members, key, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    };
  }

  /** Lists as values of maps are messages with one repeated field. */
  #listReader(item: Field): ValueReader {
    const readItem = this.#valueReader(item);
    return (reader) => {
      const message = reader.message();
      const list: unknown[] = [];
      for (let field = message.field(); field !== undefined; field = message.field()) {
        if (field.number === 1) list.push(readItem(message));
        else message.skip(field.wire);
      }
      return list;
    };
  }

  #valueReader({ ref, type, format }: Field): ValueReader {
    if (ref !== undefined) {
      const single = singleValues[ref];
      if (single !== undefined) return (reader) => single(reader.message());
      return (reader) => this.#message(ref, reader.message());
    }
    if (type === 'integer') return (reader) => reader.signed();
    if (type === 'boolean') return (reader) => reader.signed() !== 0;
    if (type === 'number') return (reader) => reader.double();
    if (format === 'byte') return (reader) => base64(reader.bytes());
    return (reader) => reader.string();
  }
}

function numbersOf(definition: Definition | undefined): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [name, { pb }] of Object.entries(definition?.fields ?? {})) if (pb !== undefined) numbers[name] = pb;
  return numbers;
}

function typeMeta(reader: ProtobufReader): Members {
  const type: Members = {};
  for (let field = reader.field(); field !== undefined; field = reader.field()) {
    if (field.number === 1) type['apiVersion'] = reader.string();
    else if (field.number === 2) type['kind'] = reader.string();
    else reader.skip(field.wire);
  }
  return type;
}

function quantity(reader: ProtobufReader): unknown {
  let value = '0';
  for (let field = reader.field(); field !== undefined; field = reader.field()) {
    if (field.number === 1) value = reader.string();
    else reader.skip(field.wire);
  }
  return value;
}

function intOrString(reader: ProtobufReader): unknown {
  let [isString, number, text] = [false, 0, ''];
  for (let field = reader.field(); field !== undefined; field = reader.field()) {
    if (field.number === 1) isString = reader.signed() === 1;
    else if (field.number === 2) number = reader.signed();
    else if (field.number === 3) text = reader.string();
    else reader.skip(field.wire);
  }
  return isString ? text : number;
}

/** A time that was never set is an empty message: no value. */
function time(reader: ProtobufReader, write: (milliseconds: number) => string): unknown {
  let [seconds, nanos, isSet] = [0, 0, false];
  for (let field = reader.field(); field !== undefined; field = reader.field()) {
    isSet = true;
    if (field.number === 1) seconds = reader.signed();
    else if (field.number === 2) nanos = reader.signed();
    else reader.skip(field.wire);
  }
  return isSet ? write(seconds * 1000 + nanos / 1e6) : undefined;
}

function embeddedJson(reader: ProtobufReader): unknown {
  let value: unknown;
  for (let field = reader.field(); field !== undefined; field = reader.field()) {
    if (field.number === 1) value = parsed(reader.string());
    else reader.skip(field.wire);
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProtobufError(`embedded JSON: ${(error as Error).message}`);
  }
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}
