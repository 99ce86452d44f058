import type { Node } from '../api/core/v1/types.ts';

/** Packets to `destination`, a range such as `10.244.1.0/24`, go to the node at `gateway`. */
export interface PodRoute {
  readonly destination: string;
  readonly gateway: string;
}

/** What must change in a table of routes. */
export interface RoutePlan {
  /** New ones, and those that lead elsewhere now. */
  readonly set: readonly PodRoute[];
  readonly remove: readonly PodRoute[];
}

/** The routes that the node `self` needs: one for each part of the pod network that another node has. */
export function podRoutes(nodes: readonly Readonly<Node>[], self: string): PodRoute[] {
  return nodes
    .filter(({ metadata }) => metadata.name !== self)
    .flatMap(({ spec, status }) => {
      const gateway = status?.addresses?.find(({ type, address }) => type === 'InternalIP' && isIpv4(address))?.address;
      const ranges = spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);
      return gateway === undefined
        ? []
        : ranges.filter(isIpv4).map((range) => ({ destination: withPrefix(range), gateway }));
    })
    .toSorted((a, b) => (a.destination < b.destination ? -1 : 1));
}

/** How to get from the routes that are there to those that are wanted. */
export function planRoutes(there: readonly PodRoute[], wanted: readonly PodRoute[]): RoutePlan {
  const gateways = new Map(there.map(({ destination, gateway }) => [destination, gateway]));
  const destinations = new Set(wanted.map(({ destination }) => destination));
  return {
    set: wanted.filter(({ destination, gateway }) => gateways.get(destination) !== gateway),
    remove: there.filter(({ destination }) => !destinations.has(destination)),
  };
}

function isIpv4(text: string): boolean {
  return !text.includes(':');
}

/** Tools write a range of one address without its prefix. */
function withPrefix(range: string): string {
  return range.replace(/\/32$/, '');
}
