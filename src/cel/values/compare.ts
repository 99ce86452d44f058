import { spendLetters } from './effort.ts';
import { CelError, Double, Duration, Timestamp, Uint, type Int, type Value } from './value.ts';

/** The order of two numbers: negative, zero or positive, NaN where one is NaN. A double is compared with doubles. */
export function compareNumbers(a: Int | Double | Uint, b: Int | Double | Uint): number {
  let [left, right] = [amount(a), amount(b)];
  if (a instanceof Double || b instanceof Double) [left, right] = [Number(left), Number(right)];
  return left < right ? -1 : left > right ? 1 : Number(left) === Number(right) ? 0 : Number.NaN;
}

function amount(value: Int | Double | Uint): Int {
  return typeof value === 'object' ? value.value : value;
}

export function isNumber(value: Value): value is Int | Double | Uint {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Double || value instanceof Uint;
}

const noOverload = new CelError('no such overload');
const notANumber = new CelError('NaN values cannot be ordered');

/** The order of two values of one type (or two numbers): negative, zero or positive. */
export function compare(a: Value, b: Value): number | CelError {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (isNumber(a) && isNumber(b)) {
    const order = compareNumbers(a, b);
    return Number.isNaN(order) ? notANumber : order;
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.seconds - b.seconds || a.nanos - b.nanos;
  if (a instanceof Duration && b instanceof Duration) return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  return noOverload;
}

/** By bytes of UTF-8, which differs from JavaScript's order where letters take two units. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  spendLetters(at);
  if (at >= a.length || at >= b.length) return a.length - b.length;
  return rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
}

/** Halves of letters beyond 16 bits come after all others. */
function rank(unit: number): number {
  return (unit & 0xf800) === 0xd800 ? unit + 0x10000 : unit;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  spendLetters(at);
  return at < a.length && at < b.length ? a[at]! - b[at]! : a.length - b.length;
}
