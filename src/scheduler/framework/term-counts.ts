import type { AffinityTerm } from './affinity-term.ts';
import type { NodeInfo } from './node-info.ts';
import { change } from './pod-counts.ts';
import type { PodInfo } from './pod-info.ts';

/** A term that pods of the cluster have, and how much it weighs at each value of its topology label. */
export interface TermCount {
  readonly term: AffinityTerm;
  /** The sum of the weights of all pods with this term, by the value of their node's label. */
  readonly weightByValue: ReadonlyMap<string, number>;
}

interface Entry extends TermCount {
  pods: number;
  readonly weightByValue: Map<string, number>;
}

/** The affinity terms of the pods that are on nodes, equal ones together: what they say of a newcomer. */
class TermCounts {
  readonly #entries = new Map<string, Entry>();

  all(): Iterable<TermCount> {
    return this.#entries.values();
  }

  get size(): number {
    return this.#entries.size;
  }

  change(term: AffinityTerm, weight: number, node: NodeInfo, by: 1 | -1): void {
    let entry = this.#entries.get(term.key);
    if (entry === undefined) this.#entries.set(term.key, (entry = { term, pods: 0, weightByValue: new Map() }));
    entry.pods += by;
    if (entry.pods === 0) this.#entries.delete(term.key);
    const value = node.labels[term.topologyKey];
    if (value !== undefined) change(entry.weightByValue, value, by * weight);
  }
}

/** What the pods of the cluster demand of newcomers or prefer. */
export class PodTerms {
  readonly requiredAnti = new TermCounts();
  /** Preferred terms with their weights, and required ones with {@link requiredWeight}. */
  readonly preferences = new TermCounts();

  change(pod: PodInfo, node: NodeInfo, by: 1 | -1): void {
    for (const term of pod.requiredAntiAffinity) this.requiredAnti.change(term, 1, node, by);
    for (const term of pod.requiredAffinity) this.preferences.change(term, requiredWeight, node, by);
    for (const { term, weight } of pod.preferredAffinity) this.preferences.change(term, weight, node, by);
  }
}

/** A pod that requires neighbours like the newcomer would also like this one (Kubernetes' `hardPodAffinityWeight`). */
const requiredWeight = 1;
