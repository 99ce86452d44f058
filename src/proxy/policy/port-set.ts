import type { Protocol } from '../traffic-plan.ts';
import { union, type Interval } from './intervals.ts';

/** Protocols and ports that a rule lets through. `everything`: also protocols that have no ports. */
export type PortSet = 'everything' | ReadonlyMap<Protocol, readonly Interval[]>;

export const everyPort: Interval = [0, 65_535];

export function portSet(ports: readonly { readonly protocol: Protocol; readonly ports: Interval }[]): PortSet {
  const byProtocol = new Map<Protocol, readonly Interval[]>();
  for (const { protocol, ports: interval } of ports)
    byProtocol.set(protocol, union([...(byProtocol.get(protocol) ?? []), interval]));
  return byProtocol;
}

/** What is in one of both. */
export function both(one: PortSet, other: PortSet): PortSet {
  if (one === 'everything' || other === 'everything') return 'everything';
  const flat = [...one, ...other].flatMap(([protocol, all]) => all.map((ports) => ({ protocol, ports })));
  return portSet(flat);
}

/**
 * As nftables writes protocols and ports, disjoint and in a fixed order: equal texts, equal sets. A single port is a range
 * too, for nft 1.0 finds no element of an interval set again that has none.
 */
export function portTexts(set: PortSet): string[] {
  if (set === 'everything') return ['0-255 . 0-65535'];
  return (['tcp', 'udp', 'sctp'] as const).flatMap((protocol) =>
    (set.get(protocol) ?? []).map(([first, last]) => `${protocol} . ${first}-${last}`),
  );
}
