import { memberOverload, overload, type Library, type Overload } from '../check/function.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  mapType,
  optionalType,
  stringType,
  timestampType,
  uintType,
  type Type,
} from '../type.ts';
import { compare } from '../values/compare.ts';
import { indexIn } from '../values/equal.ts';
import {
  addInts,
  addUints,
  divideInts,
  divideUints,
  moduloInts,
  moduloUints,
  multiplyInts,
  multiplyUints,
  negateInt,
  subtractInts,
  subtractUints,
} from '../values/int.ts';
import type { List } from '../values/list.ts';
import { addLists } from '../values/add-lists.ts';
import { valueAt, type AnyMap } from '../values/map.ts';
import { addToTimestamp, durationOf, nanosOf } from '../values/time.ts';
import { CelError, Double, type Duration, type Timestamp, type Value } from '../values/value.ts';
import { sizeOf } from '../cost/size.ts';
import { A, B, listOfA, mapOfAToB } from './types.ts';

/** The types that have an order, by what signatures call them. */
const ordered: readonly (readonly [string, Type])[] = [
  ['bool', boolType],
  ['int64', intType],
  ['uint64', uintType],
  ['double', doubleType],
  ['string', stringType],
  ['bytes', bytesType],
  ['timestamp', timestampType],
  ['duration', durationType],
];
const numbers = ordered.slice(1, 4);

function comparison(name: string, holds: (order: number) => boolean): Overload[] {
  const apply = (a: Value, b: Value) => {
    const order = compare(a, b);
    return order instanceof CelError ? order : holds(order);
  };
  const same = ordered.map(([id, type]) => overload(`${name}_${id}`, [type, type], boolType, apply));
  const mixed = numbers.flatMap(([left, a]) =>
    numbers
      .filter(([right]) => right !== left)
      .map(([right, b]) => overload(`${name}_${left}_${right}`, [a, b], boolType, apply)),
  );
  return [...same, ...mixed];
}

function onDoubles(compute: (a: number, b: number) => number): (a: Double, b: Double) => Double {
  return (a, b) => new Double(compute(a.value, b.value));
}

function joinBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

const addToTime = (time: Timestamp, { nanos }: Duration) => addToTimestamp(time, nanos);

const optionalList = optionalType(listOfA);
const optionalMap = optionalType(mapOfAToB);

export const operators: Library = {
  '_?_:_': [overload('conditional', [boolType, A, A], A)],
  '_&&_': [overload('logical_and', [boolType, boolType], boolType)],
  '_||_': [overload('logical_or', [boolType, boolType], boolType)],
  '!_': [overload('logical_not', [boolType], boolType, (value: boolean) => !value)],
  '@not_strictly_false': [overload('not_strictly_false', [boolType], boolType)],
  '_==_': [overload('equals', [A, A], boolType)],
  '_!=_': [overload('not_equals', [A, A], boolType)],
  '_<_': comparison('less', (order) => order < 0),
  '_<=_': comparison('less_equals', (order) => order <= 0),
  '_>_': comparison('greater', (order) => order > 0),
  '_>=_': comparison('greater_equals', (order) => order >= 0),
  '_+_': [
    overload('add_bytes', [bytesType, bytesType], bytesType, joinBytes),
    overload(
      'add_double',
      [doubleType, doubleType],
      doubleType,
      onDoubles((a, b) => a + b),
    ),
    overload('add_duration_duration', [durationType, durationType], durationType, (a: Duration, b: Duration) =>
      durationOf(a.nanos + b.nanos),
    ),
    overload('add_duration_timestamp', [durationType, timestampType], timestampType, (a: Duration, b: Timestamp) =>
      addToTime(b, a),
    ),
    overload('add_timestamp_duration', [timestampType, durationType], timestampType, addToTime),
    overload('add_int64', [intType, intType], intType, addInts),
    overload('add_list', [listOfA, listOfA], listOfA, addLists),
    overload('add_string', [stringType, stringType], stringType, (a: string, b: string) => a + b),
    overload('add_uint64', [uintType, uintType], uintType, addUints),
  ],
  '_-_': [
    overload(
      'subtract_double',
      [doubleType, doubleType],
      doubleType,
      onDoubles((a, b) => a - b),
    ),
    overload('subtract_duration_duration', [durationType, durationType], durationType, (a: Duration, b: Duration) =>
      durationOf(a.nanos - b.nanos),
    ),
    overload('subtract_int64', [intType, intType], intType, subtractInts),
    overload('subtract_timestamp_duration', [timestampType, durationType], timestampType, (a: Timestamp, b: Duration) =>
      addToTimestamp(a, -b.nanos),
    ),
    overload(
      'subtract_timestamp_timestamp',
      [timestampType, timestampType],
      durationType,
      (a: Timestamp, b: Timestamp) => durationOf(nanosOf(a) - nanosOf(b)),
    ),
    overload('subtract_uint64', [uintType, uintType], uintType, subtractUints),
  ],
  '_*_': [
    overload(
      'multiply_double',
      [doubleType, doubleType],
      doubleType,
      onDoubles((a, b) => a * b),
    ),
    overload('multiply_int64', [intType, intType], intType, multiplyInts),
    overload('multiply_uint64', [uintType, uintType], uintType, multiplyUints),
  ],
  '_/_': [
    overload(
      'divide_double',
      [doubleType, doubleType],
      doubleType,
      onDoubles((a, b) => a / b),
    ),
    overload('divide_int64', [intType, intType], intType, divideInts),
    overload('divide_uint64', [uintType, uintType], uintType, divideUints),
  ],
  '_%_': [
    overload('modulo_int64', [intType, intType], intType, moduloInts),
    overload('modulo_uint64', [uintType, uintType], uintType, moduloUints),
  ],
  '-_': [
    overload('negate_double', [doubleType], doubleType, ({ value }: Double) => new Double(-value)),
    overload('negate_int64', [intType], intType, negateInt),
  ],
  '_[_]': [
    overload('index_list', [listOfA, intType], A),
    overload('index_map', [mapOfAToB, A], B),
    overload('optional_list_index_int', [optionalList, intType], optionalType(A)),
    overload('optional_map_index_value', [optionalMap, A], optionalType(B)),
  ],
  '_[?_]': [
    overload('list_optindex_optional_int', [listOfA, intType], optionalType(A)),
    overload('optional_list_optindex_optional_int', [optionalList, intType], optionalType(A)),
    overload('map_optindex_optional_value', [mapOfAToB, A], optionalType(B)),
    overload('optional_map_optindex_optional_value', [optionalMap, A], optionalType(B)),
  ],
  '_?._': [overload('select_optional_field', [dynType, stringType], optionalType(A))],
  '@in': [
    overload('in_list', [A, listOfA], boolType, (item: Value, list: List) => indexIn(list, item) >= 0),
    overload('in_map', [A, mapOfAToB], boolType, (key: Value, map: AnyMap) => valueAt(map, key) !== undefined),
  ],
  'cel.@mapInsert': [
    overload('@mapInsert_map_key_value', [mapType(A, B), A, B], mapType(A, B)),
    overload('@mapInsert_map_map', [mapType(A, B), mapType(A, B)], mapType(A, B)),
  ],
  size: [
    overload('size_bytes', [bytesType], intType, sizeOf),
    memberOverload('bytes_size', [bytesType], intType, sizeOf),
    overload('size_list', [listOfA], intType, sizeOf),
    memberOverload('list_size', [listOfA], intType, sizeOf),
    overload('size_map', [mapOfAToB], intType, sizeOf),
    memberOverload('map_size', [mapOfAToB], intType, sizeOf),
    overload('size_string', [stringType], intType, sizeOf),
    memberOverload('string_size', [stringType], intType, sizeOf),
  ],
};
