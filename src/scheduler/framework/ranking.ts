import type { Random } from '../../base/random.ts';
import { test, type ActiveFilter } from './active-filters.ts';
import type { ClusterState } from './cluster-state.ts';
import type { NodeInfo } from './node-info.ts';
import type { SchedulerPlugin, ScoreStage } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';

/** The weighted sums of all scores, and who gave them, unless one of them compares the nodes with each other. */
export function score(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  cluster: ClusterState,
  plugins: readonly SchedulerPlugin[],
): { sums: Float64Array; scorers: readonly ActiveScore[] | undefined } {
  const sums = new Float64Array(nodes.length);
  const scores = new Float64Array(nodes.length);
  const scorers: ActiveScore[] = [];
  let compares = false;
  for (const { score: stage } of plugins) {
    const state: unknown = stage?.prepare(pod, nodes, cluster);
    if (stage === undefined || state === undefined) continue;
    for (let i = 0; i < nodes.length; i++) scores[i] = stage.score(state, nodes[i]!);
    stage.normalize?.(scores, state);
    for (let i = 0; i < nodes.length; i++) sums[i]! += scores[i]! * stage.weight;
    scorers.push({ stage, state });
    if (stage.normalize !== undefined) compares = true;
  }
  return { sums, scorers: compares ? undefined : scorers };
}

/** The index of the highest sum; chance decides between equals. */
export function best(sums: Float64Array, random: Random): number {
  let chosen = 0;
  let equals = 1;
  for (let i = 1; i < sums.length; i++) {
    if (sums[i]! > sums[chosen]!) [chosen, equals] = [i, 1];
    else if (sums[i] === sums[chosen] && random.next() * ++equals < 1) chosen = i;
  }
  return chosen;
}

interface ActiveScore {
  readonly stage: ScoreStage<any>;
  readonly state: unknown;
}

/**
 * The nodes that a search found, with their scores, where each was judged by itself alone. An equal pod can be placed
 * with it as long as nothing has changed but that some of the nodes took pods.
 */
export class Ranking {
  readonly #filters: readonly ActiveFilter[];
  readonly #scorers: readonly ActiveScore[];
  #nodes: readonly NodeInfo[];
  #sums: Float64Array;
  /** A node gets one pod, on average: then it is the turn of nodes that the search has not seen. */
  #left: number;

  constructor(
    filters: readonly ActiveFilter[],
    scorers: readonly ActiveScore[],
    nodes: readonly NodeInfo[],
    sums: Float64Array,
  ) {
    this.#filters = filters;
    this.#scorers = scorers;
    this.#nodes = nodes;
    this.#sums = sums;
    this.#left = nodes.length - 1;
  }

  /** The best node now that those of `taken` have more pods; `undefined`: search anew. */
  next(taken: ReadonlySet<NodeInfo>, random: Random): NodeInfo | undefined {
    if (this.#left-- <= 0) return undefined;
    let isFull = false;
    if (taken.size > 0)
      this.#nodes.forEach((node, index) => {
        if (!taken.has(node)) return;
        if (test(this.#filters, node).verdict.fits) this.#sums[index] = this.#sumOf(node);
        else {
          this.#sums[index] = -1;
          isFull = true;
        }
      });
    if (isFull) this.#leaveOut();
    return this.#nodes.length === 0 ? undefined : this.#nodes[best(this.#sums, random)];
  }

  #sumOf(node: NodeInfo): number {
    let sum = 0;
    for (const { stage, state } of this.#scorers) sum += stage.score(state, node) * stage.weight;
    return sum;
  }

  #leaveOut(): void {
    const sums = this.#sums;
    this.#nodes = this.#nodes.filter((_, index) => sums[index] !== -1);
    this.#sums = sums.filter((sum) => sum !== -1);
  }
}
