import { jsonEqual } from '../equality.ts';
import { normalQuantity, QuantityError } from '../quantity.ts';
import { illegalBase64 } from '../go-base64.ts';
import { RawNumber } from '../raw-number.ts';
import type { Member, ObjectStructure, Structure } from '../structure.ts';
import { normalMicroTime, normalTime, timeComplaint } from '../time.ts';
import { isObject, jsonTypeName, type JsonObject } from '../patch/json-value.ts';
import { maximumComplaints, unknownField } from './complaints.ts';
import { DecodeError, shown, wrongType, type Complaint } from './decode-error.ts';
import { maximumDepth } from './scan.ts';

/** A value in the form in which the server keeps it. */
export interface Shaped {
  readonly value: JsonObject;
  /** `unknown field "spec.x"` for each member that the type does not have, in the order of the document. */
  readonly unknown: readonly string[];
}

export interface ShapeOptions {
  /** Makes the error of a value of the wrong type. */
  readonly complain?: Complaint | undefined;
  /** What is frozen stands where it stood in a stored object of the type: it has its form, and is not looked into. */
  readonly keepFrozen?: boolean;
  /**
   * An object of the type as it is stored, frozen. Members in which the value says the same become those of the stored
   * object, so that whoever comes later sees with one look that nothing in them has changed.
   */
  readonly stored?: object | undefined;
}

/**
 * Brings a parsed value into the form that the server keeps: checks every type, drops what the type does not have, what
 * is null and what means nothing (an empty text where Go would leave it out), writes members that are always there, and
 * brings quantities and times into their normal form. Changes `value` in place and answers it, or a copy of its top.
 * Throws the {@link DecodeError} that `complain` makes of a value of the wrong type.
 */
export function shape(
  value: unknown,
  structure: Structure,
  { complain = wrongType, stored, keepFrozen = stored !== undefined }: ShapeOptions = {},
): Shaped {
  if (stored !== undefined) shareMembers(value, stored);
  if (structure.kind === 'object' && structure.shape !== undefined) return structure.shape(value, { keepFrozen });
  const shaper = new Shaper(structure, complain, keepFrozen);
  return { value: shaper.shape(value) as JsonObject, unknown: shaper.unknown };
}

/** Of metadata, only managed fields are long, and mostly sent as they are stored. */
function shareMembers(value: unknown, stored: object): void {
  if (!isObject(value)) return;
  const known = stored as JsonObject;
  for (const name in value) {
    const [given, there] = [value[name], known[name]];
    if (typeof given !== 'object' || given === null || typeof there !== 'object') continue;
    if (name === 'metadata') shareMember(given as JsonObject, there as JsonObject, 'managedFields');
    else shareMember(value, known, name);
  }
}

function shareMember(value: JsonObject, stored: JsonObject, name: string): void {
  if (value[name] !== undefined && jsonEqual(value[name], stored[name])) value[name] = stored[name];
}

class Shaper {
  readonly unknown: string[] = [];
  readonly #root: Structure;
  readonly #path: (string | number)[] = [];

  readonly #complain: Complaint;
  readonly #keepFrozen: boolean;

  constructor(root: Structure, complain: Complaint, keepFrozen: boolean) {
    this.#root = root;
    this.#complain = complain;
    this.#keepFrozen = keepFrozen;
  }

  shape(value: unknown): unknown {
    return this.#value(value, this.#root);
  }

  #value(value: unknown, type: Structure): unknown {
    if (this.#keepFrozen && typeof value === 'object' && value !== null && Object.isFrozen(value)) return value;
    switch (type.kind) {
      case 'string':
        if (typeof value !== 'string') throw this.#wrong(value, type);
        return value;
      case 'object':
        if (!isObject(value)) throw this.#wrong(value, type);
        return this.#object(value, type);
      case 'list':
        if (!Array.isArray(value)) throw this.#wrong(value, type);
        return this.#list(value, type.element);
      case 'map':
        if (!isObject(value)) throw this.#wrong(value, type);
        return this.#map(value, type.element);
      case 'boolean':
        if (typeof value !== 'boolean') throw this.#wrong(value, type);
        return value;
      case 'int32':
        if (!isInt32(value)) throw this.#wrong(value, type);
        return value;
      case 'int64':
        if (!isInt64(value)) throw this.#wrong(value, type);
        return value;
      case 'number':
        if (typeof value === 'number') return value;
        if (!(value instanceof RawNumber) || !Number.isFinite(value.valueOf())) throw this.#wrong(value, type);
        return value.valueOf();
      case 'bytes':
        if (typeof value !== 'string') throw this.#wrong(value, type);
        return base64(value);
      case 'quantity':
        return quantity(value);
      case 'time':
      case 'micro-time':
        if (typeof value !== 'string')
          throw new DecodeError(`json: cannot unmarshal ${jsonTypeName(value)} into Go value of type string`);
        return time(value, type.kind);
      case 'int-or-string':
        if (typeof value === 'string' || isInt32(value)) return value;
        throw new DecodeError(`json: cannot unmarshal ${shown(value)} into Go value of type int32`);
      case 'any':
      case 'deduced':
        checkDepth(value, this.#path.length);
        return value;
    }
  }

  #object(value: JsonObject, type: ObjectStructure): JsonObject {
    /** Another than `value` from the first member on that is dropped. */
    let kept = value;
    for (const name in value) {
      const member = type.members.get(name);
      if (member === undefined) {
        this.#unknownMember(name);
        if (kept === value) kept = membersBefore(name, value);
        continue;
      }
      const given = value[name];
      const shaped = given === null || given === undefined ? undefined : this.#member(name, given, member.type);
      if (shaped === undefined || meansNothing(shaped, member)) {
        if (kept === value) kept = membersBefore(name, value);
      } else if (isShownAsNull(shaped, member)) kept[name] = null;
      else if (kept !== value || shaped !== given) kept[name] = shaped;
    }
    for (const member of type.shown) if (kept[member.name] === undefined) kept[member.name] = emptyOf(member);
    return kept;
  }

  #member(name: string, given: unknown, type: Structure): unknown {
    this.#path.push(name);
    const shaped = this.#value(given, type);
    this.#path.pop();
    return shaped;
  }

  #list(list: unknown[], element: Structure): unknown[] {
    for (let i = 0; i < list.length; i++) {
      const given = list[i];
      if (element.kind === 'string' && typeof given === 'string') continue;
      this.#path.push(i);
      list[i] = given === null ? emptyValue(element) : this.#value(given, element);
      this.#path.pop();
    }
    return list;
  }

  #map(map: JsonObject, element: Structure): JsonObject {
    for (const name in map) {
      const given = map[name];
      if (element.kind === 'string' && typeof given === 'string') continue;
      this.#path.push(name);
      map[name] = given !== null ? this.#value(given, element) : element.kind === 'bytes' ? '' : emptyValue(element);
      this.#path.pop();
    }
    return map;
  }

  #unknownMember(name: string): void {
    if (this.unknown.length < maximumComplaints) this.unknown.push(unknownField([...this.#path, name]));
  }

  #wrong(value: unknown, type: Structure): DecodeError {
    return this.#complain(value, this.#path, this.#root, type);
  }
}

const largestInt64 = 2n ** 63n - 1n;

/** Numbers that are written with an exponent or a fraction are no integers for Go. */
function isInt64(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && value < 2 ** 63 && value >= -(2 ** 63);
  const integer = value instanceof RawNumber ? value.integer : undefined;
  return integer !== undefined && integer <= largestInt64 && integer >= -largestInt64 - 1n;
}

/** What is not looked into must be walkable all the same: patches can nest deeper than any text that was read. */
function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth >= maximumDepth) throw new DecodeError('exceeded max depth');
  if (Array.isArray(value)) for (const item of value) checkDepth(item, depth + 1);
  else for (const name in value) checkDepth((value as JsonObject)[name], depth + 1);
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && (value | 0) === value;
}

/** Whether Go leaves the value out when it writes the member. */
function meansNothing(value: unknown, { zero, keepsEmpty, type }: Member): boolean {
  if (zero === 'shown' || zero === 'null' || keepsEmpty) return false;
  if (type.kind === 'list') return (value as unknown[]).length === 0;
  if (type.kind === 'map') return isEmpty(value as JsonObject);
  if (type.kind === 'bytes') return value === '';
  if (zero === undefined) return false;
  if (type.kind === 'object') return isEmpty(value as JsonObject);
  return value === '' || value === 0 || value === false;
}

/** Kubernetes stores no difference between an empty list and none, and shows null for both where the member is always there. */
function isShownAsNull(value: unknown, { zero, type }: Member): boolean {
  if (zero !== 'shown') return false;
  return type.kind === 'list' ? (value as unknown[]).length === 0 : type.kind === 'map' && isEmpty(value as JsonObject);
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}

function membersBefore(end: string, value: JsonObject): JsonObject {
  const before: JsonObject = {};
  for (const name in value) {
    if (name === end) break;
    before[name] = value[name];
  }
  return before;
}

function emptyOf({ zero, type }: Member): unknown {
  return zero === 'null' ? null : emptyValue(type);
}

/** What Go writes for a value of the type that nobody has set. */
export function emptyValue(type: Structure): unknown {
  switch (type.kind) {
    case 'object': {
      const empty: JsonObject = {};
      for (const member of type.shown) empty[member.name] = emptyOf(member);
      return empty;
    }
    case 'string':
      return '';
    case 'int32':
    case 'int64':
    case 'number':
    case 'int-or-string':
      return 0;
    case 'boolean':
      return false;
    case 'quantity':
      return '0';
    default:
      return null;
  }
}

function quantity(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
  try {
    return normalQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message);
    throw error;
  }
}

function time(text: string, kind: 'time' | 'micro-time'): string {
  const isMicro = kind === 'micro-time';
  const normal = isMicro ? normalMicroTime(text) : normalTime(text);
  if (normal === undefined) throw new DecodeError(timeComplaint(text, isMicro));
  return normal;
}

/** Standard base64; line breaks in it are dropped. */
function base64(text: string): string {
  const plain = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, '') : text;
  if (plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain)) return plain;
  throw new DecodeError(`illegal base64 data at input byte ${illegalBase64(text, 'padded')}`);
}
