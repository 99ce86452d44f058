import { isList, itemAt, listSize } from '../values/list.ts';
import { isMap, valueAt } from '../values/map.ts';
import { shownValue } from '../values/show.ts';
import { typeOf } from '../values/type-of.ts';
import { CelError, CelObject, Double, none, Optional, Uint, type Value } from '../values/value.ts';

/** Values whose fields are no JSON: `fieldAt` gives the value of one, `undefined` where there is none. */
abstract class CelStruct extends CelObject {
  abstract fieldAt(name: string): Value | undefined;
}

/**
 * The value that a field, key or index leads to; `undefined` where there is none. Of an optional it is looked for in the
 * value within, and the answer is an optional as well.
 */
export function find(operand: Value, key: Value): Value | undefined {
  if (operand instanceof CelError) return operand;
  if (operand instanceof Optional) return optional(operand.value === undefined ? undefined : find(operand.value, key));
  if (isMap(operand)) return valueAt(operand, key);
  if (isList(operand)) {
    const index = indexOf(key);
    if (typeof index !== 'number') return index;
    return index >= 0 && index < listSize(operand) ? itemAt(operand, index) : undefined;
  }
  return operand instanceof CelStruct && typeof key === 'string' ? operand.fieldAt(key) : undefined;
}

/** The same, where there has to be something. */
export function access(operand: Value, key: Value): Value {
  return find(operand, key) ?? missing(operand, key);
}

/** What a field, key or index leads to, if anything. An error stays one. */
export function optional(found: Value | undefined): Optional | CelError {
  if (found === undefined) return none;
  return found instanceof CelError || found instanceof Optional ? found : new Optional(found);
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
