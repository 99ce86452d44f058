import { memberOverload, overload, type Library, type Overload } from '../check/function.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType,
  parameterType,
  stringType,
  timestampType,
  uintType,
  type Type,
} from '../type.ts';
import { compare } from '../values/compare.ts';
import { spendItems } from '../values/effort.ts';
import { indexIn, isEqual } from '../values/equal.ts';
import { addInts, addUints } from '../values/int.ts';
import { isList, itemAt, itemsOf, listSize, type List } from '../values/list.ts';
import { durationOf } from '../values/time.ts';
import { typeOf } from '../values/type-of.ts';
import { CelError, Double, Duration, Uint, type Int, type Value } from '../values/value.ts';

/** Types whose values have an order, by what signatures call them. */
const ordered: Readonly<Record<string, Type>> = {
  int: intType,
  uint: uintType,
  double: doubleType,
  bool: boolType,
  duration: durationType,
  timestamp: timestampType,
  string: stringType,
  bytes: bytesType,
};

function forOrdered(make: (name: string, type: Type) => Overload): Overload[] {
  return Object.entries(ordered).map(([name, type]) => make(name, type));
}

function isSorted(list: List): boolean | CelError {
  for (let at = 1; at < listSize(list); at++) {
    const order = compare(itemAt(list, at - 1), itemAt(list, at));
    if (order instanceof CelError) return order;
    if (order > 0) return false;
  }
  return true;
}

/** The item that comes before (`sign` 1) or after (-1) all others. */
function outermost(list: List, sign: 1 | -1): Value {
  if (listSize(list) === 0) return new CelError(`${sign > 0 ? 'min' : 'max'} called on empty list`);
  let found = itemAt(list, 0);
  for (let at = 1; at < listSize(list); at++) {
    const item = itemAt(list, at);
    const order = compare(found, item);
    if (order instanceof CelError) return order;
    if (order * sign > 0) found = item;
  }
  return found;
}

const sums: Readonly<Record<string, readonly [start: Value, add: (a: any, b: any) => Value]>> = {
  int: [0, addInts],
  uint: [new Uint(0), addUints],
  double: [new Double(0), (a: Double, b: Double) => new Double(a.value + b.value)],
  duration: [new Duration(0n), (a: Duration, b: Duration) => durationOf(a.nanos + b.nanos)],
};

function sum(name: string): (list: List) => Value {
  const [start, add] = sums[name]!;
  return (list) => {
    let total = start;
    for (let at = 0; at < listSize(list) && !(total instanceof CelError); at++) {
      const item = itemAt(list, at);
      total = typeOf(item) === typeOf(start) ? add(total, item) : new CelError('no such overload');
    }
    return total;
  };
}

function lastIndexIn(list: List, item: Value): number {
  let at = listSize(list) - 1;
  while (at >= 0 && !isEqual(itemAt(list, at), item)) at--;
  return at;
}

function slice(list: List, start: Int, end: Int): Value {
  const range = `cannot slice(${start}, ${end}), `;
  if (start < 0 || end < 0) return new CelError(`${range}negative indexes not supported`);
  if (start > end) return new CelError(`${range}start index must be less than or equal to end index`);
  const size = listSize(list);
  if (size < end) return new CelError(`${range}list is length ${size}`);
  return itemsOf(list).slice(Number(start), Number(end));
}

function flatten(list: List, depth: Int = 1): Value {
  if (depth < 0) return new CelError('level must be non-negative');
  return flattened(itemsOf(list), Number(depth));
}

function flattened(items: readonly Value[], depth: number): Value[] {
  spendItems(items.length);
  if (depth === 0) return [...items];
  return items.flatMap((item) => (isList(item) ? flattened(itemsOf(item), depth - 1) : [item]));
}

/** The items in the order of their keys. */
function sortBy(list: List, keys: List): Value {
  const [size, keyCount] = [listSize(list), listSize(keys)];
  if (size !== keyCount)
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${size} and ${keyCount} elements respectively`,
    );
  const pairs = itemsOf(keys).map((key, at) => ({ key, item: itemAt(list, at) }));
  const [first] = pairs;
  if (!first) return list;
  const type = typeOf(first.key);
  if (pairs.some(({ key }) => typeOf(key) !== type)) return new CelError('list elements must have the same type');
  spendItems(size * Math.log2(size + 1));
  const probe = compare(first.key, first.key);
  if (probe instanceof CelError) return new CelError('list elements must be comparable');
  pairs.sort((a, b) => Number(compare(a.key, b.key)));
  return pairs.map(({ item }) => item);
}

const mostItems = 1_000_000;

/** Kubernetes makes lists of any length before it counts the cost; no program within the limit uses more. */
function range(count: Int): Value {
  if (count > mostItems) return new CelError(`lists.range: more than ${mostItems} items`);
  return Array.from({ length: Math.max(0, Number(count)) }, (_, index) => index);
}

function distinct(list: List): Value {
  const found: Value[] = [];
  for (const item of itemsOf(list)) if (indexIn(found, item) < 0) found.push(item);
  return found;
}

const T = parameterType('T');
const listOfT = listType(T);

/** Kubernetes' functions of lists, and those of the language's extension. */
export const lists: Library = {
  isSorted: forOrdered((name, type) =>
    memberOverload(`list_${name}_is_sorted_bool`, [listType(type)], boolType, isSorted),
  ),
  sum: Object.keys(sums).map((name) =>
    memberOverload(`list_${name}_sum_${name}`, [listType(ordered[name]!)], ordered[name]!, sum(name)),
  ),
  max: forOrdered((name, type) =>
    memberOverload(`list_${name}_max_${name}`, [listType(type)], type, (list: List) => outermost(list, -1)),
  ),
  min: forOrdered((name, type) =>
    memberOverload(`list_${name}_min_${name}`, [listType(type)], type, (list: List) => outermost(list, 1)),
  ),
  indexOf: [memberOverload('list_a_index_of_int', [listOfT, T], intType, indexIn)],
  lastIndexOf: [memberOverload('list_a_last_index_of_int', [listOfT, T], intType, lastIndexIn)],
  slice: [memberOverload('list_slice', [listOfT, intType, intType], listOfT, slice)],
  flatten: [
    memberOverload('list_flatten', [listType(listOfT)], listOfT, (list: List) => flatten(list)),
    memberOverload('list_flatten_int', [listType(parameterType('D')), intType], listType(parameterType('D')), flatten),
  ],
  sort: forOrdered((name, type) =>
    memberOverload(`list_${name}_sort`, [listType(type)], listType(type), (list: List) => sortBy(list, list)),
  ),
  '@sortByAssociatedKeys': forOrdered((name, type) =>
    memberOverload(`list_${name}_sortByAssociatedKeys`, [listOfT, listType(type)], listOfT, sortBy),
  ),
  'lists.range': [overload('lists_range', [intType], listType(intType), range)],
  reverse: [memberOverload('list_reverse', [listOfT], listOfT, (list: List) => itemsOf(list).reverse())],
  distinct: [memberOverload('list_distinct', [listOfT], listOfT, distinct)],
};
