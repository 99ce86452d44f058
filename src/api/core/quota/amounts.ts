import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  quantityText,
  subtractQuantities,
  zeroQuantity,
  type Quantity,
} from '../../../apimachinery/quantity.ts';

/** Amounts of resources by name; those of a quota or of what an object uses. Values, never changed. */
export type Amounts = Readonly<Record<string, Quantity>>;

export const one: Quantity = { unscaled: 1n, scale: 0, format: 'DecimalSI' };

export function amountsOf(texts: Readonly<Record<string, string>> = {}): Amounts {
  return mapped(texts, parseQuantity);
}

export function amountTexts(amounts: Amounts): Record<string, string> {
  return mapped(amounts, quantityText);
}

/** Each resource that either has. */
export function plus(a: Amounts, b: Amounts): Amounts {
  const sum: Record<string, Quantity> = { ...a };
  for (const [name, amount] of Object.entries(b))
    sum[name] = sum[name] === undefined ? amount : addQuantities(sum[name], amount);
  return sum;
}

/** How much more `a` has of each resource; nothing where it has less. */
export function increase(a: Amounts, b: Amounts): Amounts {
  const more: Record<string, Quantity> = {};
  for (const [name, amount] of Object.entries(a)) {
    const other = b[name];
    const difference = other === undefined ? amount : subtractQuantities(amount, other);
    more[name] = difference.unscaled > 0n ? difference : zeroQuantity;
  }
  return more;
}

/** The larger of both, resource by resource. */
export function most(a: Amounts, b: Amounts): Amounts {
  const result: Record<string, Quantity> = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    const other = result[name];
    if (other === undefined || compareQuantities(amount, other) > 0) result[name] = amount;
  }
  return result;
}

export function pick(amounts: Amounts, isWanted: (name: string, amount: Quantity) => boolean): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([name, amount]) => isWanted(name, amount)));
}

export function equalAmounts(a: Amounts, b: Amounts): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0);
}

/** `cpu=1,pods=2`, as messages show amounts. */
export function amountsLine(amounts: Amounts): string {
  const names = Object.keys(amounts).sort();
  return names.map((name) => `${name}=${quantityText(amounts[name]!)}`).join(',');
}

function mapped<From, To>(values: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
