/**
 * Amounts with a suffix: `100m`, `1.5Gi`, `2e3` (API reference, "Quantity"). Held exactly as `unscaled × 10^scale`;
 * nothing finer than a billionth is kept.
 */
export interface Quantity {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: QuantityFormat;
  /** The text it was read from, where the server keeps that text instead of the canonical one. */
  readonly text?: string;
}

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A text that is no quantity; the message is what Kubernetes answers. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const formRule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const form = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;

const decimalSuffixes: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const decimalNames = new Map(Object.entries(decimalSuffixes).map(([name, exponent]) => [exponent, name]));
const binarySuffixes: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const binaryNames = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const largestBinary = 2n ** 63n - 1n;
const smallestScale = -9;
/** Kubernetes takes any exponent; larger ones than this only serve to exhaust whoever computes with them. */
const largestExponent = 9_999;

/** Kubernetes takes any number of digits, and computes with them; nobody means more than these. */
const longestText = 1024;

export const zeroQuantity: Quantity = { unscaled: 0n, scale: 0, format: 'DecimalSI' };

/** Reads a quantity. Throws {@link QuantityError}. */
export function parseQuantity(value: string | number): Quantity {
  const parsed = readQuantity(value);
  if (typeof parsed === 'string') throw new QuantityError(parsed);
  return parsed;
}

/** Why the value is no quantity, or `undefined` when it is one. */
export function quantityComplaint(value: string | number): string | undefined {
  const parsed = readQuantity(value);
  return typeof parsed === 'string' ? parsed : undefined;
}

/** The text that the server stores and answers for a text that a client sent. Throws {@link QuantityError}. */
export function normalQuantity(value: string | number): string {
  if (typeof value === 'string' && knownNormal.has(value)) return value;
  const normal = quantityText(parseQuantity(value));
  if (normal === value && normal.length <= longestKnown) {
    if (knownNormal.size >= mostKnown) knownNormal.clear();
    knownNormal.add(normal);
  }
  return normal;
}

/** Texts that were found to be normal, because the same few come again and again: a bounded number of short ones. */
const knownNormal = new Set<string>();
const mostKnown = 1024;
const longestKnown = 32;

function readQuantity(value: string | number): Quantity | string {
  const text = String(value).trim();
  if (text === '' || text.length > longestText) return formRule;
  const match = form.exec(text);
  if (!match) return formRule;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  const meaning = suffixMeaning(suffix);
  if (!meaning) return "unable to parse quantity's suffix";
  const digits = whole.replace(/^0+/, '') || '0';
  const { format, exponent } = meaning;
  const size = BigInt(digits + fraction);
  const unscaled = sign === '-' ? -size : size;
  const scale = 0 - fraction.length;
  if (format !== 'BinarySI') {
    const exact = { unscaled, scale: scale + exponent, format };
    if (digits.length + fraction.length > 18 || exact.scale < smallestScale) return atLeastNano(exact);
    const shown = digits + fraction;
    const isCanonical = exact.scale % 3 === 0 && !shown.endsWith('000') && !shown.startsWith('0');
    return isCanonical ? { ...exact, text } : exact;
  }
  return binary(unscaled, scale, exponent, digits.length, text);
}

function binary(unscaled: bigint, scale: number, exponent: number, digits: number, text: string): Quantity {
  const amount = { unscaled: unscaled << BigInt(exponent), scale, format: 'BinarySI' as const };
  const isSmall = scale === 0 && digits <= 14 - Math.trunc((exponent * 3) / 10);
  if (isSmall) return (unscaled & 7n) === 0n ? amount : { ...amount, text };
  const rounded = atLeastNano(amount);
  if (compareQuantities(magnitude(rounded), { ...zeroQuantity, unscaled: largestBinary }) > 0)
    return { unscaled: unscaled < 0n ? -largestBinary : largestBinary, scale: 0, format: 'BinarySI' };
  const isFraction =
    rounded.unscaled !== 0n && compareQuantities(magnitude(rounded), { ...zeroQuantity, unscaled: 1n }) < 0;
  return isFraction ? { ...rounded, format: 'DecimalSI' } : rounded;
}

function suffixMeaning(suffix: string): { format: QuantityFormat; exponent: number } | undefined {
  const decimal = decimalSuffixes[suffix];
  if (decimal !== undefined) return { format: 'DecimalSI', exponent: decimal };
  const power = binarySuffixes[suffix];
  if (power !== undefined) return { format: 'BinarySI', exponent: power };
  if (!/^[eE][-+]?\d+$/.test(suffix)) return undefined;
  const exponent = Number(suffix.slice(1));
  return Math.abs(exponent) <= largestExponent ? { format: 'DecimalExponent', exponent } : undefined;
}

/** Finer parts than a billionth are rounded up, away from zero. */
function atLeastNano(quantity: Quantity): Quantity {
  if (quantity.scale >= smallestScale) return quantity;
  return { ...quantity, unscaled: roundedAt(quantity, smallestScale), scale: smallestScale };
}

/** The amount in units of `10^scale`, rounded away from zero. */
function roundedAt({ unscaled, scale: from }: Quantity, scale: number): bigint {
  if (unscaled === 0n) return 0n;
  if (from >= scale) return unscaled * 10n ** BigInt(from - scale);
  const drop = scale - from;
  if (drop > String(unscaled).length) return unscaled < 0n ? -1n : 1n;
  const unit = 10n ** BigInt(drop);
  const rest = unscaled % unit;
  const cut = unscaled / unit;
  if (rest === 0n) return cut;
  return unscaled < 0n ? cut - 1n : cut + 1n;
}

/** As the server writes it: the kept text, or the canonical form. */
export function quantityText(quantity: Quantity): string {
  return quantity.text ?? canonicalText(quantity);
}

function canonicalText(quantity: Quantity): string {
  if (quantity.unscaled === 0n) return '0';
  if (quantity.format === 'BinarySI') {
    const whole = wholeNumber(quantity);
    if (whole !== undefined && (whole <= -1024n || whole >= 1024n)) return binaryText(whole);
  }
  return decimalText(quantity);
}

function wholeNumber(quantity: Quantity): bigint | undefined {
  const rounded = roundedAt(quantity, 0);
  return compareQuantities(quantity, { ...zeroQuantity, unscaled: rounded }) === 0 ? rounded : undefined;
}

function binaryText(whole: bigint): string {
  let power = 0;
  let amount = whole;
  while (amount % 1024n === 0n && power < binaryNames.length - 1) {
    amount /= 1024n;
    power++;
  }
  return `${amount}${binaryNames[power]}`;
}

function decimalText({ unscaled, scale, format }: Quantity): string {
  let amount = unscaled;
  let exponent = scale;
  while (amount % 10n === 0n) {
    amount /= 10n;
    exponent++;
  }
  while (exponent % 3 !== 0 || (format !== 'DecimalExponent' && exponent > 18)) {
    amount *= 10n;
    exponent--;
  }
  if (format !== 'DecimalExponent') return `${amount}${decimalNames.get(exponent)}`;
  return exponent === 0 ? String(amount) : `${amount}e${exponent}`;
}

/** -1, 0 or 1, as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  const signs = Math.sign(sign(a) - sign(b));
  if (signs !== 0 || a.unscaled === 0n) return signs;
  const scale = Math.min(a.scale, b.scale);
  const left = a.unscaled * 10n ** BigInt(a.scale - scale);
  const right = b.unscaled * 10n ** BigInt(b.scale - scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

function sign({ unscaled }: Quantity): number {
  return unscaled < 0n ? -1 : unscaled > 0n ? 1 : 0;
}

function magnitude(quantity: Quantity): Quantity {
  return quantity.unscaled < 0n ? negateQuantity(quantity) : quantity;
}

/** The sum, in the format of the first that is not zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  const scale = Math.min(a.scale, b.scale);
  const unscaled = a.unscaled * 10n ** BigInt(a.scale - scale) + b.unscaled * 10n ** BigInt(b.scale - scale);
  return { unscaled, scale, format: a.unscaled === 0n ? b.format : a.format };
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return addQuantities(a, negateQuantity(b));
}

function negateQuantity({ unscaled, scale, format }: Quantity): Quantity {
  return { unscaled: -unscaled, scale, format };
}

/** The nearest number that JavaScript has. */
export function quantityToNumber({ unscaled, scale }: Quantity): number {
  return scale === 0 ? Number(unscaled) : Number(`${unscaled}e${scale}`);
}

/** Whole units, rounded away from zero. */
export function quantityValue(quantity: Quantity): bigint {
  return roundedAt(quantity, 0);
}

/** Thousandths, rounded away from zero: `100m` is 100. */
export function milliValue(quantity: Quantity): bigint {
  return roundedAt(quantity, -3);
}

/** Whether the amount has a part finer than a unit of `10^scale` (default whole units). */
export function hasFraction(quantity: Quantity, scale = 0): boolean {
  return quantity.scale < scale && quantity.unscaled % 10n ** BigInt(scale - quantity.scale) !== 0n;
}

export function quantityOf(units: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { unscaled: BigInt(units), scale: 0, format };
}

export function milliQuantityOf(thousandths: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { unscaled: BigInt(thousandths), scale: -3, format };
}
