import { memberOverload, overload, type Library } from '../check/function.ts';
import { sizeOf } from '../cost/size.ts';
import { boolType, listType, optionalType, parameterType } from '../type.ts';
import { itemAt, itemsOf, listSize, type List } from '../values/list.ts';
import { expressionText } from '../values/show.ts';
import { CelError, Double, Duration, none, Optional, Timestamp, Uint, type Value } from '../values/value.ts';

const V = parameterType('V');
const optionalV = optionalType(V);
const listV = listType(V);
const listOptional = listType(optionalV);

/** Whether a value is what its type begins with: nothing, no amount, no letters. */
function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0) return true;
  if (value instanceof Double || value instanceof Uint) return value.value === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return value.seconds === -62_135_596_800 && value.nanos === 0;
  return (typeof value === 'string' || typeof value === 'object') && sizeOf(value) === 0;
}

function unwrap(list: List): Value {
  const found: Value[] = [];
  for (const item of itemsOf(list)) {
    if (!(item instanceof Optional)) return new CelError(`value ${expressionText(item)} is not optional`);
    if (item.value !== undefined) found.push(item.value);
  }
  return found;
}

function nth(at: (size: number) => number): (list: List) => Optional {
  return (list) => {
    const size = listSize(list);
    return size === 0 ? none : new Optional(itemAt(list, at(size)));
  };
}

/** Values that may be missing. */
export const optionals: Library = {
  'optional.of': [overload('optional_of', [V], optionalV, (value: Value) => new Optional(value))],
  'optional.ofNonZeroValue': [
    overload('optional_ofNonZeroValue', [V], optionalV, (value: Value) => (isZero(value) ? none : new Optional(value))),
  ],
  'optional.none': [overload('optional_none', [], optionalV, () => none)],
  value: [
    memberOverload(
      'optional_value',
      [optionalV],
      V,
      ({ value }: Optional) => value ?? (value === undefined ? new CelError('optional.none() dereference') : null),
    ),
  ],
  hasValue: [memberOverload('optional_hasValue', [optionalV], boolType, ({ value }: Optional) => value !== undefined)],
  or: [memberOverload('optional_or_optional', [optionalV, optionalV], optionalV)],
  orValue: [memberOverload('optional_orValue_value', [optionalV, V], V)],
  first: [
    memberOverload(
      'list_first',
      [listV],
      optionalV,
      nth(() => 0),
    ),
  ],
  last: [
    memberOverload(
      'list_last',
      [listV],
      optionalV,
      nth((size) => size - 1),
    ),
  ],
  'optional.unwrap': [overload('optional_unwrap', [listOptional], listV, unwrap)],
  unwrapOpt: [memberOverload('optional_unwrapOpt', [listOptional], listV, unwrap)],
};
