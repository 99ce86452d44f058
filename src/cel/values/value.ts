import { RawNumber } from '../../apimachinery/raw-number.ts';
import type { Declaration } from '../declaration.ts';
import {
  doubleType,
  durationType,
  dynType,
  errorType,
  listType,
  mapType,
  opaqueType,
  timestampType,
  type Type,
  uintType,
} from '../type.ts';

/**
 * A value of the language. Most are what JSON has, and a JSON value is read in place, without a copy:
 *
 * - `null`, booleans, strings, lists (arrays) and maps with texts as keys (plain objects) are JavaScript's own;
 * - an int is a number without a fraction, or a bigint where a number is not exact;
 * - everything else is a {@link CelObject}.
 *
 * What an array or a plain object holds has to be read through {@link fromJson}: there a number may have a fraction.
 */
export type Value = null | boolean | string | Int | Uint8Array | CelObject | Type | readonly unknown[] | JsonObject;

export type Int = number | bigint;
export type JsonObject = { readonly [name: string]: unknown };

export const anyList = listType(dynType);
export const anyMap = mapType(dynType, dynType);
const anyOptional = opaqueType('optional_type');

/** Values that JSON does not have. Immutable. */
export abstract class CelObject {
  abstract readonly type: Type;

  /** Whether it is the same as another value of its type. */
  isEqual(other: CelObject): boolean {
    return this === other;
  }
}

export class Double extends CelObject {
  readonly value: number;

  constructor(value: number) {
    super();
    this.value = value;
  }

  get type(): Type {
    return doubleType;
  }
}

export class Uint extends CelObject {
  /** From 0 to 2^64 - 1. */
  readonly value: Int;

  constructor(value: Int) {
    super();
    this.value = value;
  }

  get type(): Type {
    return uintType;
  }
}

/** A point in time. */
export class Timestamp extends CelObject {
  /** Whole seconds since 1970, rounded down. */
  readonly seconds: number;
  /** From 0 to 999,999,999. */
  readonly nanos: number;

  constructor(seconds: number, nanos: number) {
    super();
    this.seconds = seconds;
    this.nanos = nanos;
  }

  get type(): Type {
    return timestampType;
  }
}

export class Duration extends CelObject {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  get type(): Type {
    return durationType;
  }
}

/** A value or none. */
export class Optional extends CelObject {
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    super();
    this.value = value;
  }

  get type(): Type {
    return anyOptional;
  }
}

/** A list in a JSON document whose items need their schema to be read. */
export class DeclaredList extends CelObject {
  readonly items: readonly unknown[];
  readonly declaration: Declaration;

  constructor(items: readonly unknown[], declaration: Declaration) {
    super();
    this.items = items;
    this.declaration = declaration;
  }

  get type(): Type {
    return anyList;
  }
}

/** An object or map in a JSON document whose values need their schema to be read. */
export class DeclaredMap extends CelObject {
  readonly members: JsonObject;
  readonly declaration: Declaration;

  constructor(members: JsonObject, declaration: Declaration) {
    super();
    this.members = members;
    this.declaration = declaration;
  }

  get type(): Type {
    return anyMap;
  }
}

/** What may be the key of a map in this engine: an int and an uint of one amount are one key. */
export type Key = string | boolean | number | bigint;

/** A map that an expression made. */
export class CelMap extends CelObject {
  readonly entries: ReadonlyMap<Key, { readonly key: Value; readonly value: Value }>;

  constructor(entries: CelMap['entries']) {
    super();
    this.entries = entries;
  }

  get type(): Type {
    return anyMap;
  }
}

/** A map in which a key that is not there still leads to something: a field or index finds `rest`, `in` nothing. */
export class OpenMap extends CelMap {
  readonly rest: Value;

  constructor(entries: CelMap['entries'], rest: Value) {
    super(entries);
    this.rest = rest;
  }
}

export const none = new Optional(undefined);

/** Why a value could not be computed. It goes through operators as a value does; `||` and `&&` may absorb it. */
export class CelError extends CelObject {
  readonly message: string;

  constructor(message: string) {
    super();
    this.message = message;
  }

  get type(): Type {
    return errorType;
  }
}

/** What a value in a JSON document, or an item of a list or map, is as a value of the language. */
export function fromJson(json: unknown): Value {
  if (typeof json === 'number') return fromNumber(json);
  if (json instanceof RawNumber) {
    const { integer } = json;
    if (integer === undefined || integer > largestInt || integer < smallestInt) return new Double(json.valueOf());
    return intOf(integer);
  }
  return json as Value;
}

function fromNumber(value: number): Value {
  if (Number.isSafeInteger(value)) return value;
  if (!Number.isInteger(value) || value >= 2 ** 63 || value < -(2 ** 63)) return new Double(value);
  return BigInt(value);
}

export const largestInt = 2n ** 63n - 1n;
export const smallestInt = -(2n ** 63n);
export const largestUint = 2n ** 64n - 1n;

/** The int in the form that this engine keeps it in; it must be within 64 bits. */
export function intOf(value: bigint): Int {
  const nearest = Number(value);
  return Number.isSafeInteger(nearest) ? nearest : value;
}

/** The letters of a text as the language counts them: code points. */
export function textLength(text: string): number {
  // Most texts have letters of one unit only, and are told apart without a look at each.
  if (!/[\ud800-\udfff]/.test(text)) return text.length;
  let length = text.length;
  for (let at = 0; at < text.length; at++)
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      length--;
      at++;
    }
  return length;
}
