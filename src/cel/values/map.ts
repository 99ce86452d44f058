import { fieldOf } from '../declaration.ts';
import { escapeName, unescapeName } from '../escape.ts';
import { Type } from '../type.ts';
import { fromDeclared } from './declared.ts';
import { spendItems } from './effort.ts';
import {
  CelMap,
  CelObject,
  DeclaredMap,
  Double,
  fromJson,
  intOf,
  Uint,
  type JsonObject,
  type Key,
  type Value,
} from './value.ts';

export type AnyMap = JsonObject | DeclaredMap | CelMap;

export function isMap(value: Value): value is AnyMap {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof CelObject) return value instanceof DeclaredMap || value instanceof CelMap;
  return !Array.isArray(value) && !(value instanceof Type) && !(value instanceof Uint8Array);
}

export function mapSize(map: AnyMap): number {
  if (map instanceof CelMap) return map.entries.size;
  const size = Object.keys(map instanceof DeclaredMap ? map.members : map).length;
  spendItems(size);
  return size;
}

/** The value of a key; `undefined` where there is none. */
export function valueAt(map: AnyMap, key: Value): Value | undefined {
  if (map instanceof CelMap) {
    const found = keyOf(key);
    return found === undefined ? undefined : map.entries.get(found)?.value;
  }
  if (typeof key !== 'string') return undefined;
  if (map instanceof DeclaredMap) return declaredValue(map, key);
  return Object.hasOwn(map, key) ? fromJson((map as JsonObject)[key]) : undefined;
}

function declaredValue({ members, declaration }: DeclaredMap, key: string): Value | undefined {
  if (declaration.fields === undefined)
    return Object.hasOwn(members, key) ? fromDeclared(members[key], declaration.element!) : undefined;
  const name = unescapeName(key);
  const field = fieldOf(declaration, key);
  if (name === undefined || field === undefined || !Object.hasOwn(members, name)) return undefined;
  // A field that is null counts as absent.
  return members[name] === null ? undefined : fromDeclared(members[name], field);
}

/** The keys, in the order of the document or of the expression. */
export function keysOf(map: AnyMap): Value[] {
  const keys = ownKeys(map);
  spendItems(keys.length);
  return keys;
}

function ownKeys(map: AnyMap): Value[] {
  if (map instanceof CelMap) return [...map.entries.values()].map(({ key }) => key);
  if (!(map instanceof DeclaredMap)) return Object.keys(map);
  const { members, declaration } = map;
  const { fields } = declaration;
  if (fields === undefined) return Object.keys(members);
  return Object.keys(members).flatMap((name) => {
    const key = escapeName(name);
    return key !== undefined && fields.has(key) ? [key] : [];
  });
}

/** What a value is as the key of a map; `undefined` where it can be none. */
export function keyOf(value: Value): Key | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint')
    return value;
  if (value instanceof Uint) return value.value;
  if (value instanceof Double && Number.isInteger(value.value)) return intOf(BigInt(value.value));
  return undefined;
}
