import type { IPBlock } from '../../api/networking/v1/types.ts';
import { networkOf, parseCidr } from '../../apimachinery/ip.ts';
import { without, type Interval } from './intervals.ts';

/** Every IPv4 address. */
export const anywhere: readonly Interval[] = [[0, 2 ** 32 - 1]];

/** The IPv4 addresses of a block, as numbers; none of a block of IPv6. */
export function blockRanges({ cidr, except = [] }: IPBlock): Interval[] {
  const whole = rangeOf(cidr);
  if (whole === undefined) return [];
  return without(
    whole,
    except.map(rangeOf).filter((range) => range !== undefined),
  );
}

/** As nftables writes a range of addresses, also of a single one: see `portTexts`. */
export function rangeText([first, last]: Interval): string {
  return `${addressText(first)}-${addressText(last)}`;
}

function rangeOf(cidr: string): Interval | undefined {
  const parsed = parseCidr(cidr);
  if (parsed?.address.length !== 4) return undefined;
  const first = networkOf(parsed).reduce((number, byte) => number * 256 + byte, 0);
  return [first, first + 2 ** (32 - parsed.prefixLength) - 1];
}

function addressText(number: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join('.');
}
