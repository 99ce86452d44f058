import { RawNumber } from '../../apimachinery/raw-number.ts';
import { plainFailure, unfulfilled } from './failures.ts';
import { goFloat, isGoInteger } from './go-float.ts';
import type { JsonSchema } from './json-schema.ts';
import { Result } from './result.ts';

interface NumberType {
  readonly name: '' | 'integer' | 'number';
  readonly format: string;
}

/** A number against the bounds of its schema. */
export function checkNumber(
  value: number | RawNumber,
  schema: JsonSchema,
  types: readonly string[],
  path: string,
): Result {
  const type = numberType(schema, types);
  const { multipleOf, minimum, maximum } = schema;
  const given: Bounded = { value, isInteger: isGoInteger(value), path, type };
  const result = new Result();
  checkRange(result, Number(value), given, 'Checked', value);
  if (multipleOf !== undefined) checkMultiple(result, given, multipleOf);
  if (minimum !== undefined) checkMinimum(result, given, minimum, schema.exclusiveMinimum === true);
  if (maximum !== undefined) checkMaximum(result, given, maximum, schema.exclusiveMaximum === true);
  result.matches++;
  return result;
}

interface Bounded {
  readonly value: number | RawNumber;
  readonly isInteger: boolean;
  readonly path: string;
  readonly type: NumberType;
}

/** Formats bind only where there is one type, which has the format. */
function numberType({ format = '' }: JsonSchema, types: readonly string[]): NumberType {
  const [name] = types;
  if (types.length !== 1) return { name: '', format: '' };
  if (name === 'integer') return { name, format: format === 'int32' || format === 'int64' ? format : '' };
  if (name === 'number') return { name, format: format === 'float' || format === 'double' ? format : '' };
  return { name: '', format: '' };
}

/** Whether a value, or a bound, can be of the type. */
function checkRange(
  result: Result,
  number: number,
  { path, type: { name, format } }: Bounded,
  what: string,
  exact: number | RawNumber = number,
): boolean {
  let fits = true;
  if (name === 'integer') {
    const isWhole =
      exact instanceof RawNumber && exact.integer !== undefined ? isGoInteger(exact) : Number.isInteger(number);
    fits = isWhole && (format === 'int32' ? number === (number | 0) : number < 2 ** 63 && number >= -(2 ** 63));
  } else if (format === 'float') fits = number === 0 || Math.abs(number) <= largestFloat;
  if (fits) return true;
  const kind = format === '' ? `${name} (default format)` : `${name} with format ${format}`;
  result.add(plainFailure(`${what} value must be of type ${kind} in ${path}`));
  return false;
}

const largestFloat = 3.4028234663852885981170418348451692544e38;

function checkMultiple(result: Result, given: Bounded, factor: number): void {
  const { value, path, isInteger } = given;
  const asInteger = checkRange(result, factor, given, 'MultipleOf') && isInteger;
  const number = Number(value);
  const divisor = asInteger ? Math.trunc(factor) : factor;
  if (divisor <= 0) {
    result.add(unfulfilledFactor(path, divisor));
    return;
  }
  const isMultiple = asInteger
    ? integerOf(value) % BigInt(divisor) === 0n
    : isWhole(divisor < 1 ? (1 / divisor) * number : number / divisor);
  if (!isMultiple) result.add(unfulfilled(path, value, `should be a multiple of ${shownBound(divisor, asInteger)}`));
}

function unfulfilledFactor(path: string, factor: number) {
  const failure = unfulfilled(path, factor, '');
  const text = `factor MultipleOf declared for ${path} must be positive: ${goFloat(factor)}`;
  return { text, error: (root: string) => ({ ...failure.error(root), message: `Invalid value: ${factor}: ${text}` }) };
}

function integerOf(value: number | RawNumber): bigint {
  return typeof value === 'number' ? BigInt(value) : value.integer!;
}

/** Whether a quotient is whole but for what floats lose. */
function isWhole(value: number): boolean {
  if (Number.isNaN(value) || !Number.isFinite(value) || value < -(2 ** 63) || value > 2 ** 63 - 1) return false;
  const difference = Math.abs(value - Math.trunc(value));
  if (value === Math.trunc(value)) return true;
  const smallest = 2.2250738585072014e-308;
  const scale = Math.abs(value) + Math.abs(Math.trunc(value));
  return scale < smallest ? difference < 1e-9 * smallest : difference / Math.min(scale, Number.MAX_VALUE) < 1e-9;
}

function checkMinimum(result: Result, given: Bounded, bound: number, exclusive: boolean): void {
  const { value, path, isInteger } = given;
  const asInteger = checkRange(result, bound, given, 'Minimum boundary') && isInteger;
  const limit = asInteger ? Math.trunc(bound) : bound;
  const number = Number(value);
  if (exclusive ? number > limit : number >= limit) return;
  const how = exclusive ? 'greater than' : 'greater than or equal to';
  result.add(unfulfilled(path, value, `should be ${how} ${shownBound(limit, asInteger)}`));
}

function checkMaximum(result: Result, given: Bounded, bound: number, exclusive: boolean): void {
  const { value, path, isInteger } = given;
  const asInteger = checkRange(result, bound, given, 'Maximum boundary') && isInteger;
  const limit = asInteger ? Math.trunc(bound) : bound;
  const number = Number(value);
  if (exclusive ? number < limit : number <= limit) return;
  const how = exclusive ? 'less than' : 'less than or equal to';
  result.add(unfulfilled(path, value, `should be ${how} ${shownBound(limit, asInteger)}`));
}

function shownBound(bound: number, asInteger: boolean): string {
  return asInteger ? String(BigInt(Math.trunc(bound))) : goFloat(bound);
}
