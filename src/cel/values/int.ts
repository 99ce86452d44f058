import { CelError, intOf, largestInt, largestUint, smallestInt, Uint, type Int } from './value.ts';

/** Arithmetic of 64-bit integers, of which nearly all are small enough to be numbers. */

const overflow = new CelError('integer overflow');
const uintOverflow = new CelError('unsigned integer overflow');

export function addInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return checked(BigInt(a) + BigInt(b));
}

export function subtractInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return checked(BigInt(a) - BigInt(b));
}

export function multiplyInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product === 0 ? 0 : product;
  }
  return checked(BigInt(a) * BigInt(b));
}

export function divideInts(a: Int, b: Int): Int | CelError {
  if (isZero(b)) return new CelError('division by zero');
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return checked(BigInt(a) / BigInt(b));
}

export function moduloInts(a: Int, b: Int): Int | CelError {
  if (isZero(b)) return new CelError('modulus by zero');
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  if (BigInt(a) === smallestInt && BigInt(b) === -1n) return overflow;
  return checked(BigInt(a) % BigInt(b));
}

export function negateInt(a: Int): Int | CelError {
  return typeof a === 'number' ? 0 - a : checked(-a);
}

export function addUints(a: Uint, b: Uint): Uint | CelError {
  return checkedUint(BigInt(a.value) + BigInt(b.value));
}

export function subtractUints(a: Uint, b: Uint): Uint | CelError {
  return checkedUint(BigInt(a.value) - BigInt(b.value));
}

export function multiplyUints(a: Uint, b: Uint): Uint | CelError {
  return checkedUint(BigInt(a.value) * BigInt(b.value));
}

export function divideUints(a: Uint, b: Uint): Uint | CelError {
  return isZero(b.value) ? new CelError('division by zero') : checkedUint(BigInt(a.value) / BigInt(b.value));
}

export function moduloUints(a: Uint, b: Uint): Uint | CelError {
  return isZero(b.value) ? new CelError('modulus by zero') : checkedUint(BigInt(a.value) % BigInt(b.value));
}

/** The int, or why it is none. */
export function checked(value: bigint): Int | CelError {
  return value > largestInt || value < smallestInt ? overflow : intOf(value);
}

export function checkedUint(value: bigint): Uint | CelError {
  return value > largestUint || value < 0n ? uintOverflow : new Uint(intOf(value));
}

/** The whole part of a double as an int. */
export function doubleToInt(value: number): Int | CelError {
  if (!(value > -(2 ** 63) && value < 2 ** 63)) return overflow;
  return intOf(BigInt(Math.trunc(value)));
}

export function doubleToUint(value: number): Uint | CelError {
  if (!(value >= 0 && value < 2 ** 64)) return uintOverflow;
  return new Uint(intOf(BigInt(Math.trunc(value))));
}

function isZero(value: Int): boolean {
  return value === 0;
}
