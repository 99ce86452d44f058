import { isList, itemAt, listSize } from '../values/list.ts';
import { isMap, valueAt } from '../values/map.ts';
import { shownValue } from '../values/show.ts';
import { typeOf } from '../values/type-of.ts';
import { CelError, CelObject, Double, none, OpenMap, Optional, Uint, type Value } from '../values/value.ts';

/** Values whose fields are no JSON: `fieldAt` gives the value of one, `undefined` where there is none. */
export abstract class CelStruct extends CelObject {
  abstract fieldAt(name: string): Value | undefined;
}

/**
 * The value that a field, key or index leads to; `undefined` where there is none. Of an optional it is looked for in the
 * value within, and the answer is an optional as well.
 */
export function find(operand: Value, key: Value): Value | undefined {
  if (operand instanceof CelError) return operand;
  if (operand instanceof Optional) return operand.value === undefined ? none : findOptional(operand.value, key);
  if (isMap(operand)) {
    const found = valueAt(operand, key);
    return found === undefined && operand instanceof OpenMap ? operand.rest : found;
  }
  if (isList(operand)) {
    const index = indexOf(key);
    if (typeof index !== 'number') return index;
    return index >= 0 && index < listSize(operand) ? itemAt(operand, index) : undefined;
  }
  return operand instanceof CelStruct && typeof key === 'string' ? operand.fieldAt(key) : undefined;
}

/** The same, where there has to be something. */
export function access(operand: Value, key: Value): Value {
  const found = find(operand, key);
  return found === undefined ? missing(operand, key) : found;
}

/** What a field, key or index leads to, if anything. An error stays one, and what an optional leads to is one already. */
export function findOptional(operand: Value, key: Value): Optional | CelError {
  const found = find(operand, key);
  return operand instanceof Optional ? (found as Optional | CelError) : wrapped(found);
}

function wrapped(found: Value | undefined): Optional | CelError {
  if (found === undefined) return none;
  return found instanceof CelError ? found : new Optional(found);
}

/** Why nothing was found. */
export function missing(operand: Value, key: Value): CelError {
  return new CelError(`${isList(operand) ? 'index out of bounds' : 'no such key'}: ${shownValue(key)}`);
}

function indexOf(key: Value): number | CelError {
  if (typeof key === 'number') return key;
  if (key instanceof Double || key instanceof Uint) {
    const index = Number(key.value);
    return Number.isInteger(index) ? index : new CelError(`unsupported index value ${index} in list`);
  }
  return typeof key === 'bigint' ? Number(key) : new CelError(`unsupported index type '${typeOf(key).name}' in list`);
}
