import { doubleText } from '../values/double-text.ts';
import { overload, type Library } from '../check/function.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  stringType,
  timestampType,
  typeOfType,
  uintType,
  type Type,
} from '../type.ts';
import { checked, checkedUint, doubleToInt, doubleToUint } from '../values/int.ts';
import { durationText, parseDuration, parseTimestamp, timestampOf, timestampText } from '../values/time.ts';
import { typeOf } from '../values/type-of.ts';
import { CelError, Double, Duration, type Int, type Timestamp, type Uint, type Value } from '../values/value.ts';
import { A } from './types.ts';

const same = (value: Value) => value;

function notA(type: Type): CelError {
  return new CelError(`type conversion error from 'string' to '${type.name}'`);
}

const truths = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const untruths = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

function toBool(text: string): boolean | CelError {
  return truths.includes(text) ? true : untruths.includes(text) ? false : notA(boolType);
}

function toInt(text: string): Int | CelError {
  const value = /^[+-]?\d{1,1000}$/.test(text) ? checked(BigInt(text.replace('+', ''))) : undefined;
  return value === undefined || value instanceof CelError ? notA(intType) : value;
}

function toUint(text: string): Uint | CelError {
  const value = /^\d{1,1000}$/.test(text) ? checkedUint(BigInt(text)) : undefined;
  return value === undefined || value instanceof CelError ? notA(uintType) : value;
}

function toDouble(text: string): Double | CelError {
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? new Double(value) : notA(doubleType);
  }
  const [, sign = '', word = ''] = /^([+-]?)(inf|infinity|nan)$/i.exec(text) ?? [];
  if (word === '' || (sign !== '' && /nan/i.test(word))) return notA(doubleType);
  return new Double(/nan/i.test(word) ? Number.NaN : sign === '-' ? -Infinity : Infinity);
}

function fromBytes(bytes: Uint8Array): string | CelError {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

export const conversions: Library = {
  type: [overload('type', [A], typeOfType(A), (value: Value) => typeOf(value))],
  dyn: [overload('to_dyn', [A], dynType, same)],
  bool: [
    overload('bool_to_bool', [boolType], boolType, same),
    overload('string_to_bool', [stringType], boolType, toBool),
  ],
  bytes: [
    overload('bytes_to_bytes', [bytesType], bytesType, same),
    overload('string_to_bytes', [stringType], bytesType, (text: string) => new TextEncoder().encode(text)),
  ],
  double: [
    overload('double_to_double', [doubleType], doubleType, same),
    overload('int64_to_double', [intType], doubleType, (value: Int) => new Double(Number(value))),
    overload('string_to_double', [stringType], doubleType, toDouble),
    overload('uint64_to_double', [uintType], doubleType, ({ value }: Uint) => new Double(Number(value))),
  ],
  duration: [
    overload('duration_to_duration', [durationType], durationType, same),
    overload('int64_to_duration', [intType], durationType, (value: Int) => new Duration(BigInt(value))),
    overload(
      'string_to_duration',
      [stringType],
      durationType,
      (text: string) => parseDuration(text) ?? notA(durationType),
    ),
  ],
  int: [
    overload('int64_to_int64', [intType], intType, same),
    overload('double_to_int64', [doubleType], intType, ({ value }: Double) => doubleToInt(value)),
    overload('duration_to_int64', [durationType], intType, ({ nanos }: Duration) => checked(nanos)),
    overload('string_to_int64', [stringType], intType, toInt),
    overload('timestamp_to_int64', [timestampType], intType, ({ seconds }: Timestamp) => seconds),
    overload('uint64_to_int64', [uintType], intType, ({ value }: Uint) => checked(BigInt(value))),
  ],
  string: [
    overload('string_to_string', [stringType], stringType, same),
    overload('bool_to_string', [boolType], stringType, String),
    overload('bytes_to_string', [bytesType], stringType, fromBytes),
    overload('double_to_string', [doubleType], stringType, ({ value }: Double) => doubleText(value)),
    overload('duration_to_string', [durationType], stringType, durationText),
    overload('int64_to_string', [intType], stringType, String),
    overload('timestamp_to_string', [timestampType], stringType, timestampText),
    overload('uint64_to_string', [uintType], stringType, ({ value }: Uint) => String(value)),
  ],
  timestamp: [
    overload('timestamp_to_timestamp', [timestampType], timestampType, same),
    overload('int64_to_timestamp', [intType], timestampType, (value: Int) => timestampOf(Number(value), 0)),
    overload(
      'string_to_timestamp',
      [stringType],
      timestampType,
      (text: string) => parseTimestamp(text) ?? notA(timestampType),
    ),
  ],
  uint: [
    overload('uint64_to_uint64', [uintType], uintType, same),
    overload('double_to_uint64', [doubleType], uintType, ({ value }: Double) => doubleToUint(value)),
    overload('int64_to_uint64', [intType], uintType, (value: Int) => checkedUint(BigInt(value))),
    overload('string_to_uint64', [stringType], uintType, toUint),
  ],
};
