import {
  compareQuantities as compare,
  hasFraction,
  milliQuantityOf,
  milliValue,
  parseQuantity,
  quantityText,
  quantityValue,
  type Quantity,
} from '../../../../apimachinery/quantity.ts';

/**
 * Questions about quantities in objects. Their texts were checked when the object was decoded, so reading them cannot
 * fail; the same few texts come again and again, so the last ones read are remembered.
 */
const remembered = new Map<string, Quantity>();
const mostRemembered = 1024;

export function readQuantity(text: string | number): Quantity {
  const key = String(text);
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const quantity = parseQuantity(key);
  if (remembered.size >= mostRemembered) remembered.clear();
  remembered.set(key, quantity);
  return quantity;
}

export function compareQuantities(a: string, b: string): number {
  return a === b ? 0 : compare(readQuantity(a), readQuantity(b));
}

export function isNegative(text: string): boolean {
  return readQuantity(text).unscaled < 0n;
}

export function isPositive(text: string): boolean {
  return readQuantity(text).unscaled > 0n;
}

export function isZero(text: string): boolean {
  return readQuantity(text).unscaled === 0n;
}

/** Whether the amount is a whole number. */
export function isWhole(text: string): boolean {
  return !hasFraction(readQuantity(text));
}

/**
 * Whether the amount is a whole number, told as Kubernetes tells it for its warnings: from the thousandths in 64 bits,
 * so that very large amounts may look broken.
 */
export function isWholeNumberOfBytes(text: string): boolean {
  return BigInt.asIntN(64, milliValue(readQuantity(text))) % 1000n === 0n;
}

/** As the server writes it. */
export function canonicalQuantity(text: string): string {
  return quantityText(readQuantity(text));
}

/** Whether `text` is one or more times `unit`; a unit that cannot be read divides nothing. */
export function isDivisibleBy(text: string, unit: string): boolean {
  let size: bigint;
  try {
    size = quantityValue(readQuantity(unit));
  } catch {
    return false;
  }
  return size > 0n && isWhole(text) && quantityValue(readQuantity(text)) % size === 0n;
}

/** Amounts finer than a thousandth are rounded up to the next one. */
export function roundUpToMilli(amounts: Record<string, string> | undefined): void {
  if (amounts === undefined) return;
  for (const name of Object.keys(amounts)) {
    const quantity = readQuantity(amounts[name]!);
    if (quantity.scale >= -3 || !hasFraction(quantity, -3)) continue;
    amounts[name] = quantityText(milliQuantityOf(milliValue(quantity), quantity.format));
  }
}
