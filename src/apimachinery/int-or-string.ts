import { goQuote } from './go-text.ts';

/** A number, or a text: a percentage such as `25%`, or the name of a port. */
export type IntOrString = number | string;

/** Whether the value is a text of digits and a percent sign. */
export function isPercent(value: IntOrString): value is string {
  return typeof value === 'string' && /^[0-9]+%$/.test(value);
}

/**
 * The number, or that share of `total` which the percentage names, rounded up or down. `undefined` when the value is
 * neither; {@link scaleComplaint} then says why.
 */
export function scaledValue(value: IntOrString, total: number, round: 'up' | 'down'): number | undefined {
  if (typeof value === 'number') return value;
  const match = /^([+-]?\d+)%$/.exec(value);
  if (!match) return undefined;
  const share = (Number(match[1]) * total) / 100;
  return round === 'up' ? Math.ceil(share) : Math.floor(share);
}

/** What Kubernetes says about a text that is no percentage. */
export function scaleComplaint(value: IntOrString): string {
  const text = String(value);
  if (!text.endsWith('%')) return 'invalid value for IntOrString: invalid type: string is not a percentage';
  const number = goQuote(text.slice(0, -1));
  return `invalid value for IntOrString: invalid value ${goQuote(text)}: strconv.Atoi: parsing ${number}: invalid syntax`;
}
