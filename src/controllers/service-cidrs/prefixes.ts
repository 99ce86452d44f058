import type { ServiceCIDR } from '../../api/networking/v1/types.ts';
import { cidrContains, networkOf, parseCidr, parseIp, type Cidr } from '../../apimachinery/ip.ts';

function cidrsOf({ spec }: Readonly<ServiceCIDR>): Cidr[] {
  return (spec.cidrs ?? []).flatMap((text) => parseCidr(text) ?? []);
}

/** Whether Services can have the address from this range: not the network's own, nor that for all of an IPv4 network. */
export function containsAddress(range: Readonly<ServiceCIDR>, text: string): boolean {
  const address = parseIp(text);
  return address !== undefined && cidrsOf(range).some((cidr) => cidrContains(cidr, address) && !isEdge(cidr, address));
}

function isEdge(cidr: Cidr, address: readonly number[]): boolean {
  const network = networkOf(cidr);
  if (address.every((byte, i) => byte === network[i])) return true;
  if (address.length !== 4) return false;
  const host = (i: number) => 0xff >> Math.min(8, Math.max(0, cidr.prefixLength - i * 8));
  return address.every((byte, i) => byte === (network[i]! | host(i)));
}

/** Whether a network lies within this range. */
export function containsPrefix(range: Readonly<ServiceCIDR>, text: string): boolean {
  const inner = parseCidr(text);
  return (
    inner !== undefined &&
    cidrsOf(range).some((outer) => outer.prefixLength <= inner.prefixLength && cidrContains(outer, networkOf(inner)))
  );
}

/** Whether two ranges have an address in common. */
export function overlaps(some: Readonly<ServiceCIDR>, others: Readonly<ServiceCIDR>): boolean {
  return (
    (others.spec.cidrs ?? []).some((text) => containsPrefix(some, text)) ||
    (some.spec.cidrs ?? []).some((text) => containsPrefix(others, text))
  );
}
