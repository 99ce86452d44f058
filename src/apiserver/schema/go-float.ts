import type { RawNumber } from '../../apimachinery/raw-number.ts';

/** A number as Go prints a float64 with `%v`: with an exponent where it is below 1e-4, or a million and more. */
export function goFloat(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Whether a number of JSON is an integer in Go: it is written as one, and fits into 64 bits. */
export function isGoInteger(value: number | RawNumber): boolean {
  if (typeof value === 'number') return Number.isInteger(value);
  const { integer } = value;
  return integer !== undefined && integer <= largest && integer >= -largest - 1n;
}

const largest = 2n ** 63n - 1n;
