import type { NodeInfo } from './node-info.ts';

/**
 * Nodes with one of each zone in turn, as Kubernetes walks them: the search for a node ends early in a large cluster, and
 * is to have seen all zones by then.
 */
export class NodeOrder {
  readonly #zoneOf = new Map<NodeInfo, string>();
  readonly #zones = new Map<string, Set<NodeInfo>>();
  #list: readonly NodeInfo[] | undefined;

  list(): readonly NodeInfo[] {
    return (this.#list ??= inTurn([...this.#zones.values()].map((nodes) => [...nodes])));
  }

  /** Adds the node, or moves it to the zone that it has now. */
  set(node: NodeInfo): void {
    const zone = zoneOf(node);
    if (this.#zoneOf.get(node) === zone) return;
    this.delete(node);
    this.#zoneOf.set(node, zone);
    const nodes = this.#zones.get(zone) ?? new Set();
    this.#zones.set(zone, nodes.add(node));
    this.#list = undefined;
  }

  delete(node: NodeInfo): void {
    const zone = this.#zoneOf.get(node);
    if (zone === undefined) return;
    this.#zoneOf.delete(node);
    const nodes = this.#zones.get(zone)!;
    nodes.delete(node);
    if (nodes.size === 0) this.#zones.delete(zone);
    this.#list = undefined;
  }
}

function zoneOf({ labels }: NodeInfo): string {
  return `${labels['topology.kubernetes.io/region'] ?? ''} ${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

function inTurn(zones: readonly (readonly NodeInfo[])[]): NodeInfo[] {
  const longest = Math.max(0, ...zones.map(({ length }) => length));
  const nodes: NodeInfo[] = [];
  for (let i = 0; i < longest; i++) for (const zone of zones) if (i < zone.length) nodes.push(zone[i]!);
  return nodes;
}
