import type { Random } from '../../base/random.ts';
import { passed, prepareFilters, test, verdicts, type ActiveFilter, type Tested } from './active-filters.ts';
import type { ClusterState } from './cluster-state.ts';
import type { NodeDomains } from './node-domains.ts';
import type { NodeInfo } from './node-info.ts';
import type { SchedulerPlugin, ScoreStage } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';

interface ActiveScore {
  readonly stage: ScoreStage<any>;
  readonly state: unknown;
}

/** The weighted sums of scores of some nodes, in their order. */
export interface Scores {
  readonly sums: Float64Array;
  /** The part of them that each node has by itself. */
  readonly alone: Float64Array;
  /** Who gave that part. */
  readonly scorers: readonly ActiveScore[];
}

export function score(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  cluster: ClusterState,
  plugins: readonly SchedulerPlugin[],
): Scores {
  const alone = new Float64Array(nodes.length);
  const scorers: ActiveScore[] = [];
  for (const { score: stage } of plugins) {
    if (stage === undefined || stage.normalize !== undefined) continue;
    const state: unknown = stage.prepare(pod, nodes, cluster);
    if (state === undefined) continue;
    for (let i = 0; i < nodes.length; i++) alone[i]! += stage.score(state, nodes[i]!) * stage.weight;
    scorers.push({ stage, state });
  }
  return { sums: compared(alone, pod, nodes, cluster, plugins), alone, scorers };
}

/**
 * Adds what those say who compare the nodes with each other; `alone` itself if nobody does. `places`: where the nodes are
 * in the cluster's list.
 */
function compared(
  alone: Float64Array,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  cluster: ClusterState,
  plugins: readonly SchedulerPlugin[],
  places?: readonly number[],
): Float64Array {
  let sums = alone;
  let scores: Float64Array | undefined;
  for (const { score: stage } of plugins) {
    if (stage?.normalize === undefined) continue;
    const state: unknown = stage.prepare(pod, nodes, cluster);
    if (state === undefined) continue;
    if (sums === alone) sums = alone.slice();
    scores ??= new Float64Array(nodes.length);
    const domains = places && stage.labels && cluster.domains(stage.labels(state));
    if (domains === undefined) for (let i = 0; i < nodes.length; i++) scores[i] = stage.score(state, nodes[i]!);
    else scoreByDomain(scores, domains, places!, (i) => stage.score(state, nodes[i]!));
    stage.normalize(scores, state);
    for (let i = 0; i < nodes.length; i++) sums[i]! += scores[i]! * stage.weight;
  }
  return sums;
}

/** Scores once each domain that has any of the nodes. */
function scoreByDomain(
  scores: Float64Array,
  domains: NodeDomains,
  places: readonly number[],
  scoreOf: (index: number) => number,
): void {
  const known = new Float64Array(domains.count).fill(NaN);
  for (let i = 0; i < places.length; i++) {
    const domain = domains.of[places[i]!]!;
    if (Number.isNaN(known[domain])) known[domain] = scoreOf(i);
    scores[i] = known[domain]!;
  }
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

/** What a search has found. */
export interface Found {
  readonly cluster: ClusterState;
  readonly plugins: readonly SchedulerPlugin[];
  /** The filters that look at a node by itself. */
  readonly filters: readonly ActiveFilter[];
  /** The nodes that these let pass; filters that look at other pods, too, may have rejected some. */
  readonly candidates: readonly NodeInfo[];
  /** Those that all let pass, with their scores. */
  readonly feasible: readonly NodeInfo[];
  readonly scores: Scores;
}

interface Candidate {
  readonly node: NodeInfo;
  /** In the cluster's list of nodes. */
  readonly place: number;
  /** What the node scores by itself; `undefined`: that is not known. */
  alone: number | undefined;
  /** It takes no more pods of this signature. */
  isFull: boolean;
}

/** So many nodes are drawn before all are asked. */
const mostDraws = 4;

/**
 * The nodes that a search found, with what is known of each by itself. An equal pod can be placed with it as long as
 * nothing has changed but that nodes took pods: only what depends on other pods, and on the nodes beside each other, is
 * worked out again.
 */
export class Ranking {
  readonly #found: Found;
  /** Those whose filters look at other pods. */
  readonly #ofMany: readonly SchedulerPlugin[];
  /** Scores that compare nodes with each other. */
  readonly #comparing: readonly ScoreStage<any>[];
  readonly #candidates: readonly Candidate[];
  readonly #byNode: ReadonlyMap<NodeInfo, Candidate>;
  /** A node gets one pod, on average: then it is the turn of nodes that the search has not seen. */
  #left: number;

  constructor(found: Found) {
    const { cluster, plugins, candidates, feasible, scores } = found;
    this.#found = found;
    this.#ofMany = plugins.filter(({ filter }) => filter?.change !== undefined);
    this.#comparing = plugins.flatMap(({ score: stage }) => (stage?.normalize === undefined ? [] : [stage]));
    this.#candidates = candidates.map((node) => {
      return { node, place: cluster.placeOf(node)!, alone: undefined, isFull: false };
    });
    this.#byNode = new Map(this.#candidates.map((candidate) => [candidate.node, candidate]));
    for (const [index, node] of feasible.entries()) this.#byNode.get(node)!.alone = scores.alone[index];
    this.#left = feasible.length - 1;
  }

  /** The best node for the pod now that those of `taken` have more pods; `undefined`: search anew. */
  next(pod: PodInfo, taken: Iterable<NodeInfo>, random: Random): NodeInfo | undefined {
    if (this.#left-- <= 0) return undefined;
    for (const node of taken) this.#took(node);
    const { cluster } = this.#found;
    const filters = prepareFilters(pod, cluster, this.#ofMany);
    if ('rejection' in filters) return undefined;
    const verdictAt = verdicts(filters, cluster);
    const drawn = this.#isCompared(pod) ? undefined : this.#draw(verdictAt, random);
    return drawn ?? this.#bestOfAll(pod, verdictAt, random);
  }

  #took(node: NodeInfo): void {
    const candidate = this.#byNode.get(node);
    if (candidate === undefined) return;
    candidate.alone = undefined;
    candidate.isFull = test(this.#found.filters, node) !== passed;
  }

  #isCompared(pod: PodInfo): boolean {
    const { cluster } = this.#found;
    return this.#comparing.some((stage) => stage.prepare(pod, [], cluster) !== undefined);
  }

  /**
   * One of the nodes that score most by themselves, drawn before it is asked whether other pods keep this one away: mostly
   * they do not. `undefined`: of those drawn, none will do.
   */
  #draw(verdictAt: (place: number) => Tested, random: Random): NodeInfo | undefined {
    const refused = new Set<Candidate>();
    while (refused.size < mostDraws) {
      let chosen: Candidate | undefined;
      let [most, equals] = [-Infinity, 0];
      for (const candidate of this.#candidates) {
        if (candidate.isFull || (refused.size > 0 && refused.has(candidate))) continue;
        const alone = this.#aloneOf(candidate);
        if (alone > most) [chosen, most, equals] = [candidate, alone, 1];
        else if (alone === most && random.next() * ++equals < 1) chosen = candidate;
      }
      if (chosen === undefined || verdictAt(chosen.place) === passed) return chosen?.node;
      refused.add(chosen);
    }
    return undefined;
  }

  #bestOfAll(pod: PodInfo, verdictAt: (place: number) => Tested, random: Random): NodeInfo | undefined {
    const { cluster, plugins } = this.#found;
    const nodes: NodeInfo[] = [];
    const places: number[] = [];
    const alone = new Float64Array(this.#candidates.length);
    for (const candidate of this.#candidates) {
      if (candidate.isFull || verdictAt(candidate.place) !== passed) continue;
      alone[nodes.length] = this.#aloneOf(candidate);
      nodes.push(candidate.node);
      places.push(candidate.place);
    }
    const sums = compared(alone.subarray(0, nodes.length), pod, nodes, cluster, plugins, places);
    return nodes[best(sums, random)];
  }

  #aloneOf(candidate: Candidate): number {
    return (candidate.alone ??= this.#scoreOf(candidate.node));
  }

  #scoreOf(node: NodeInfo): number {
    let sum = 0;
    for (const { stage, state } of this.#found.scores.scorers) sum += stage.score(state, node) * stage.weight;
    return sum;
  }
}
