import { isList, itemAt, itemsOf, listSize } from '../values/list.ts';
import { isMap, keysOf, valueAt } from '../values/map.ts';
import { byteLength } from '../../apimachinery/go-text.ts';
import { CelObject, textLength, type Value } from '../values/value.ts';
import { authorizationCheck, listCreation, mapCreation, pattern, structCreation, traversal } from './factors.ts';
import { sizeOf } from './size.ts';

/** What a call costs, by its arguments and its result where it is not always the same. */
export type CallCost = number | ((args: readonly Value[], result: Value) => number);

export const listCost = listCreation;
export const mapCost = mapCreation;
export const structCost = structCreation;

const throughFirst: CallCost = ([first]) => Math.ceil(sizeOf(first!) * traversal);
const throughFirstTwice: CallCost = ([first]) => Math.ceil(sizeOf(first!) * 2 * traversal);
const throughSmaller: CallCost = ([a, b]) => Math.ceil(Math.min(sizeOf(a!), sizeOf(b!)) * traversal);
const throughBoth: CallCost = ([a, b]) => Math.ceil((sizeOf(a!) + sizeOf(b!)) * traversal);
const throughItems: CallCost = ([list]) => traversalCost(list!);
const matching: CallCost = ([text, regex]) =>
  Math.ceil((1 + sizeOf(text!)) * traversal) * Math.ceil(sizeOf(regex!) * pattern);
const selector: CallCost = ([, text]) => selectorCost(sizeOf(text!));
const outputSize: CallCost = (_, result) => allocating(1, sizeOf(result));

function comparingSets(factor: number): CallCost {
  return ([a, b]) => 1 + sizeOf(a!) * sizeOf(b!) * factor;
}

/** By signature: the standard library's, and the lists' of the language. */
const byOverload: Readonly<Record<string, CallCost>> = {
  __proto__: null as never,
  starts_with_string: throughFirst,
  ends_with_string: throughFirst,
  string_to_bytes: throughFirst,
  bytes_to_string: throughFirst,
  strings_quote: throughFirst,
  string_format: throughFirst,
  in_list: ([, list]) => sizeOf(list!),
  less_string: throughSmaller,
  greater_string: throughSmaller,
  less_equals_string: throughSmaller,
  greater_equals_string: throughSmaller,
  less_bytes: throughSmaller,
  greater_bytes: throughSmaller,
  less_equals_bytes: throughSmaller,
  greater_equals_bytes: throughSmaller,
  add_string: throughBoth,
  add_bytes: throughBoth,
  matches_string: matching,
  contains_string: ([text, part]) => Math.ceil(sizeOf(text!) * traversal) * Math.ceil(sizeOf(part!) * traversal),
  list_sets_contains_list: comparingSets(1),
  list_sets_intersects_list: comparingSets(1),
  list_sets_equivalent_list: comparingSets(2),
  list_slice: outputSize,
  lists_range: outputSize,
  list_reverse: outputSize,
  list_flatten: ([list]) => allocating(1, sizeOf(list!)),
  list_flatten_int: ([list, depth]) => allocating(Number(depth), sizeOf(list!)),
  list_distinct: ([list]) => comparingAll(list!),
  cidr_ip: 1,
};

/** By name: Kubernetes' libraries. */
const byName: Readonly<Record<string, CallCost>> = {
  __proto__: null as never,
  check: authorizationCheck,
  fieldSelector: selector,
  labelSelector: selector,
  isSorted: throughItems,
  sum: throughItems,
  max: throughItems,
  min: throughItems,
  indexOf: throughItems,
  lastIndexOf: throughItems,
  url: throughFirst,
  lowerAscii: throughFirst,
  upperAscii: throughFirst,
  substring: throughFirst,
  trim: throughFirst,
  'jsonpatch.escapeKey': throughFirst,
  replace: throughFirstTwice,
  split: throughFirstTwice,
  join: (_, result) => Math.ceil(sizeOf(result) * 2 * traversal),
  find: matching,
  findAll: matching,
  cidr: throughFirst,
  isIP: throughFirst,
  isCIDR: throughFirst,
  ip: throughFirst,
  'ip.isCanonical': throughFirstTwice,
  containsIP: ([cidr, ip]) =>
    Math.ceil(sizeOf(cidr!) * 2 * traversal) + (typeof ip === 'string' ? Math.ceil(sizeOf(ip) * traversal) : 0),
  containsCIDR: ([cidr, other]) =>
    Math.ceil(sizeOf(cidr!) * 2 * traversal) +
    Math.ceil(sizeOf(cidr!) * traversal) +
    1 +
    (typeof other === 'string' ? Math.ceil(sizeOf(other) * traversal) : 0),
  quantity: throughFirst,
  isQuantity: throughFirst,
  semver: throughFirst,
  isSemver: throughFirst,
  validate: ([format, text]) =>
    Math.ceil((1 + sizeOf(text!)) * traversal) * Math.ceil((format as { patternSize?: number }).patternSize! * pattern),
};

/** What calls of a function cost; `id` is the signature, empty where several are possible. */
export function callCost(name: string, id: string): CallCost {
  if (id.includes('sortByAssociatedKeys')) return ([, keys]) => comparingAll(keys!);
  if (/^list_\w+_sort$/.test(id)) return ([list]) => comparingAll(list!);
  return byOverload[id] ?? byName[name] ?? 1;
}

/** What it costs to compare two values. */
export function equalCost(a: Value, b: Value): number {
  if (typeof a === 'number' || typeof a === 'boolean') return 1;
  if (a instanceof CelObject && a.type.name.includes('.') && 'isEqual' in a && isLibraryType(a)) return 1;
  if (typeof a === 'string' && typeof b === 'string') return Math.ceil(smallerLength(a, b) * traversal);
  return Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * traversal);
}

/** The longer one is gone through only where it may have fewer letters, of two units each. */
function smallerLength(a: string, b: string): number {
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  const length = textLength(shorter);
  return 2 * length <= longer.length ? length : Math.min(length, textLength(longer));
}

/** Types of Kubernetes' libraries, which are compared at once. */
function isLibraryType({ type }: CelObject): boolean {
  return /^(?:kubernetes|net)\./.test(type.name);
}

/** A selector is a list of requirements, as many as its text has room for. */
function selectorCost(letters: number): number {
  const requirements = Math.ceil(letters * 0.5);
  return listCreation + Math.ceil(letters * traversal) + Math.ceil(requirements * (listCreation + structCreation));
}

function allocating(factor: number, size: number): number {
  return Math.trunc(size * factor) + 1 + listCreation;
}

function comparingAll(list: Value): number {
  if (!isList(list)) return 1;
  const size = listSize(list);
  const first = size === 0 ? null : itemAt(list, 0);
  const isText = typeof first === 'string' || first instanceof Uint8Array;
  return allocating(isText ? 2 + traversal : 2, size * size);
}

/** What it costs to look at all of a value. */
function traversalCost(value: Value): number {
  if (typeof value === 'string') return Math.trunc(byteLength(value) * traversal);
  if (value instanceof Uint8Array) return Math.trunc(value.length * traversal);
  if (isList(value)) return itemsOf(value).reduce<number>((sum, item) => sum + traversalCost(item), 0);
  if (!isMap(value)) return 1;
  return keysOf(value).reduce<number>((sum, key) => sum + traversalCost(key) + traversalCost(valueAt(value, key)!), 0);
}
