import { byScope, passed, test, verdicts, type ActiveFilter, type Tested } from './active-filters.ts';
import type { ClusterState } from './cluster-state.ts';
import type { NodeInfo } from './node-info.ts';

/**
 * What the filters that look at a node by itself have said of each node, for pods of one signature: they say it again
 * until the node changes, and a search among thousands of nodes comes down to what depends on other pods.
 */
export class LocalVerdicts {
  #nodes: readonly NodeInfo[] = [];
  /** By place in the list of nodes. */
  #verdicts: (Tested | undefined)[] = [];
  #place = -1;

  /** Prepares for a search by `filters`, those of such a pod. Answers the verdict on the node at a place of the list. */
  search(cluster: ClusterState, filters: readonly ActiveFilter[]): (place: number) => Tested {
    this.#catchUp(cluster);
    const nodes = this.#nodes;
    const known = this.#verdicts;
    const { local, ofMany } = byScope(filters);
    const verdictAt = verdicts(ofMany, cluster);
    return (place) => {
      const verdict = (known[place] ??= test(local, nodes[place]!));
      return verdict === passed ? verdictAt(place) : verdict;
    };
  }

  /** Forgets what is said of nodes that have changed. */
  #catchUp(cluster: ClusterState): void {
    const { nodes, journal } = cluster;
    const touched = nodes === this.#nodes ? journal.since(this.#place) : undefined;
    if (touched === undefined) {
      this.#nodes = nodes;
      this.#verdicts = new Array<undefined>(nodes.length).fill(undefined);
    } else for (const node of touched) this.#forget(cluster.placeOf(node));
    this.#place = journal.end;
  }

  #forget(place: number | undefined): void {
    if (place !== undefined) this.#verdicts[place] = undefined;
  }
}
