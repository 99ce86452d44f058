import { semanticEqual } from '../../apimachinery/equality.ts';
import { Type } from '../type.ts';
import { compareNumbers, isNumber } from './compare.ts';
import { isList, itemAt, listSize, type List } from './list.ts';
import { isMap, keysOf, mapSize, valueAt, type AnyMap } from './map.ts';
import { fromDeclared } from './declared.ts';
import { spendItems, spendLetters } from './effort.ts';
import {
  CelObject,
  DeclaredList,
  DeclaredMap,
  Duration,
  Optional,
  Timestamp,
  type JsonObject,
  type Value,
} from './value.ts';

/** Whether two values are the same. Values of different types never are, but numbers are compared by amount. */
export function isEqual(a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return equalTexts(a, b);
  if (a === b) return true;
  if (typeof a === 'string' || typeof a === 'boolean' || a === null || b === null) return false;
  if (isNumber(a)) return isNumber(b) && compareNumbers(a, b) === 0;
  if (isList(a)) return isList(b) && equalLists(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b);
  if (a instanceof Type) return b instanceof Type && a.name === b.name;
  if (isMap(a)) return isMap(b) && equalMaps(a, b);
  if (!(b instanceof CelObject)) return false;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.seconds === b.seconds && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Optional) return b instanceof Optional && equalOptionals(a, b);
  return a.type.name === b.type.name && a.isEqual(b);
}

/** Letters that are compared in the time that it takes to go through one. */
const lettersAtOnce = 32;

function equalTexts(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  spendLetters(a.length / lettersAtOnce);
  return a === b;
}

/** Where the list has the item for the first time; -1 where it has not. */
export function indexIn(list: List, item: Value): number {
  const size = listSize(list);
  for (let at = 0; at < size; at++) if (isEqual(itemAt(list, at), item)) return at;
  return -1;
}

function equalOptionals({ value: a }: Optional, { value: b }: Optional): boolean {
  return a === undefined || b === undefined ? a === b : isEqual(a, b);
}

function equalLists(a: List, b: List): boolean {
  const size = listSize(a);
  if (size !== listSize(b)) return false;
  spendItems(size);
  if (a instanceof DeclaredList && a.declaration.listType !== undefined) return equalUnordered(a, b);
  for (let at = 0; at < size; at++) if (!isEqual(itemAt(a, at), itemAt(b, at))) return false;
  return true;
}

/** Sets, and lists that are maps: each item of `b` has its equal in `a`, wherever it stands. */
function equalUnordered(a: DeclaredList, b: List): boolean {
  const { element } = a.declaration;
  const own = new Map(a.items.map((item) => [itemKey(item, a), item]));
  for (let at = 0; at < listSize(b); at++) {
    const key = b instanceof DeclaredList ? itemKey(b.items[at], a) : itemKey(b[at], a);
    if (!own.has(key)) return false;
    if (!isEqual(fromDeclared(own.get(key), element!), itemAt(b, at))) return false;
  }
  return true;
}

/** What tells the items of a set or of a list that is a map from one another. */
export function itemKey(item: unknown, { declaration }: DeclaredList): string {
  spendOnJson(item);
  if (declaration.listType !== 'map') return `${typeof item} ${JSON.stringify(item)}`;
  const members = (item instanceof DeclaredMap ? item.members : item) as JsonObject | null;
  return JSON.stringify((declaration.listKeys ?? []).map((key) => members?.[key] ?? null));
}

function equalMaps(a: AnyMap, b: AnyMap): boolean {
  const size = mapSize(a);
  if (size !== mapSize(b)) return false;
  // Each is looked for by its name in both.
  spendItems(4 * size);
  for (const key of keysOf(a)) {
    const left = valueAt(a, key);
    const right = valueAt(b, key);
    if (left === undefined || right === undefined ? left !== right : !isEqual(left, right)) return false;
  }
  return !(a instanceof DeclaredMap && b instanceof DeclaredMap) || equalUnknown(a, b);
}

/** What the schema does not tell, which expressions do not see, is compared as JSON. */
function equalUnknown({ members: a, declaration }: DeclaredMap, { members: b }: DeclaredMap): boolean {
  const { fields, properties } = declaration;
  if (fields === undefined) return true;
  for (const name of Object.keys(a))
    if (!properties!.has(name) && Object.hasOwn(b, name) && !equalJson(a[name], b[name])) return false;
  return true;
}

function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  spendOnJson(a);
  return semanticEqual(a, b);
}

/** Counts all that is in a document. */
function spendOnJson(value: unknown): void {
  if (typeof value === 'string') return spendLetters(value.length);
  if (typeof value !== 'object' || value === null) return;
  const parts = Array.isArray(value) ? value : Object.values(value);
  spendItems(parts.length);
  for (const part of parts) spendOnJson(part);
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  spendLetters(a.length);
  return a.every((byte, at) => byte === b[at]);
}
