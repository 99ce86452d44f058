import type { Node } from '../api/core/v1/types.ts';
import { ipv4Text } from '../apimachinery/ip.ts';

/** The IPv4 addresses of nodes, in canonical form. */
export function nodeAddresses(nodes: readonly Readonly<Node>[]): Set<string> {
  return new Set(nodes.flatMap(addressesOf));
}

/** Whether the change of a node can matter to {@link nodeAddresses}. Heartbeats do not. */
export function changesAddresses(now: Readonly<Node>, before: Readonly<Node>): boolean {
  return now.status?.addresses !== before.status?.addresses && addressesOf(now).join() !== addressesOf(before).join();
}

function addressesOf({ status }: Readonly<Node>): string[] {
  return (status?.addresses ?? []).map(({ address }) => ipv4Text(address)).filter((text) => text !== undefined);
}
