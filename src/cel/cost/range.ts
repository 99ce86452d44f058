/** What something may cost, or how large it may be: at least and at most. `unbounded` stands for anything beyond. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The largest amount; sums and products that are larger are this. */
export const unbounded = 2 ** 64;

export const nothing: Range = { min: 0, max: 0 };
export const unknown: Range = { min: 0, max: unbounded };

export function exactly(amount: number): Range {
  return { min: amount, max: amount };
}

export function add(...ranges: readonly Range[]): Range {
  const sum = (a: number, b: number) => Math.min(a + b, unbounded);
  return ranges.reduce((a, b) => ({ min: sum(a.min, b.min), max: sum(a.max, b.max) }), nothing);
}

export function multiply(a: Range, b: Range): Range {
  return { min: Math.min(a.min * b.min, unbounded), max: Math.min(a.max * b.max, unbounded) };
}

/** The range times a factor, rounded up. */
export function scale({ min, max }: Range, factor: number): Range {
  return { min: Math.min(Math.ceil(min * factor), unbounded), max: Math.min(Math.ceil(max * factor), unbounded) };
}

/** The smallest range that both are in. */
export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
