import { cidrContains, cidrText, parseCidr, type Cidr } from '../apimachinery/ip.ts';

/** The IPv4 ranges of `texts` without those that lie within another: an interval set takes no overlap. */
export function outermost(texts: readonly string[]): string[] {
  const ranges = texts
    .map(parseCidr)
    .filter((range): range is Cidr => range?.address.length === 4)
    .sort((a, b) => a.prefixLength - b.prefixLength);
  const kept: Cidr[] = [];
  for (const range of ranges) if (!kept.some((wider) => cidrContains(wider, range.address))) kept.push(range);
  return kept.map(cidrText).sort();
}
