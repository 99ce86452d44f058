import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** How many pods of one sort there are: on each node, and for each value of one node label. */
export interface PodCount {
  readonly total: number;
  readonly byNode: ReadonlyMap<NodeInfo, number>;
  readonly byValue: ReadonlyMap<string, number>;
}

interface Entry extends PodCount {
  total: number;
  readonly topologyKey: string;
  readonly matches: (pod: PodInfo) => boolean;
  readonly byNode: Map<NodeInfo, number>;
  readonly byValue: Map<string, number>;
}

/** More sorts than these are not kept up to date; those not asked for longest are forgotten. */
const mostEntries = 256;

/**
 * Counts of pods by sort, kept up to date from one scheduling cycle to the next: pods of one workload all ask the same,
 * and counting every pod of the cluster for each of them is what makes affinity slow.
 */
export class PodCounts {
  readonly #entries = new Map<string, Entry>();

  /** `key` stands for the sort and the label; `matches` and `nodes` are used only where it is new. */
  get(key: string, topologyKey: string, matches: (pod: PodInfo) => boolean, nodes: Iterable<NodeInfo>): PodCount {
    let entry = this.#entries.get(key);
    if (entry !== undefined) this.#entries.delete(key);
    else {
      entry = { total: 0, topologyKey, matches, byNode: new Map(), byValue: new Map() };
      for (const node of nodes) for (const pod of node.pods.values()) if (matches(pod)) count(entry, node, 1);
      if (this.#entries.size >= mostEntries) this.#entries.delete(this.#entries.keys().next().value!);
    }
    this.#entries.set(key, entry);
    return entry;
  }

  add(pod: PodInfo, node: NodeInfo): void {
    for (const entry of this.#entries.values()) if (entry.matches(pod)) count(entry, node, 1);
  }

  remove(pod: PodInfo, node: NodeInfo): void {
    for (const entry of this.#entries.values()) if (entry.matches(pod)) count(entry, node, -1);
  }

  clear(): void {
    this.#entries.clear();
  }
}

function count(entry: Entry, node: NodeInfo, by: 1 | -1): void {
  entry.total += by;
  change(entry.byNode, node, by);
  const value = node.labels[entry.topologyKey];
  if (value !== undefined) change(entry.byValue, value, by);
}

/** Adds to a count; one that becomes 0 is left out. */
export function change<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
