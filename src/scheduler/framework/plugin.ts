import type { ObjectKey } from '../../apimachinery/object.ts';
import type { ClusterState } from './cluster-state.ts';
import type { NodeChange } from './node-differences.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** A rejection is a value; a thrown error means the plugin itself is broken. */
export type Verdict = typeof fits | Rejection;
export const fits = { fits: true } as const;

export interface Rejection {
  readonly fits: false;
  /** In the words users know: each is counted over the nodes and shown in the FailedScheduling event. */
  readonly reasons: readonly string[];
  /** Whether removing pods from the node could change the verdict. */
  readonly evictionMayHelp: boolean;
}
export function rejects(reasons: readonly string[], options: { readonly evictionMayHelp: boolean }): Rejection {
  return { fits: false, reasons, ...options };
}

/** One scheduling concern: which nodes can take a pod, which of those are best, or both. */
export interface SchedulerPlugin {
  readonly name: string;
  /** Changes that may make a pod schedulable that this plugin rejected. */
  readonly retryOn: readonly ClusterChange['type'][];
  /** A closer look at one of those changes (default: it may help). Errs on the side of yes. */
  mayHelp?(pod: PodInfo, change: ClusterChange, cluster: ClusterState): boolean;
  readonly filter?: FilterStage<any>;
  readonly score?: ScoreStage<any>;
}

/** Pure over the cluster's state, which does not change while a pod is being placed. */
export interface FilterStage<State> {
  /** Runs once per pod, before any node is looked at. `undefined`: this stage has nothing against any node. */
  prepare(pod: PodInfo, cluster: ClusterState): State | Rejection | undefined;
  test(state: State, node: NodeInfo): Verdict;
  /**
   * The same for the node at a place of the cluster's list, read from columns: of thousands of nodes each costs a wait for
   * memory. Not asked of a state that {@link change} has made.
   */
  testAt?(state: State, place: number): Verdict;
  /** If nothing of a node matters but its values of some labels: those labels. */
  labels?(state: State): readonly string[];
  /** If the pod can only go to few nodes: their names. */
  onlyNodes?(state: State): ReadonlySet<string> | undefined;
  /**
   * The state as it would be with the pod added to (1) or removed from (-1) the node. Absent: it depends on the node
   * alone.
   */
  change?(state: State, pod: PodInfo, node: NodeInfo, by: 1 | -1): State;
}

export interface ScoreStage<State> {
  /** How much this score counts in the sum. */
  readonly weight: number;
  /**
   * Runs once per pod, with the nodes that passed all filters. `undefined`: all nodes are equal here, whichever they are.
   */
  prepare(pod: PodInfo, nodes: readonly NodeInfo[], cluster: ClusterState): State | undefined;
  score(state: State, node: NodeInfo): number;
  /** If nothing of a node matters but its values of some labels: those labels. */
  labels?(state: State): readonly string[];
  /** Brings raw scores, in the order of the nodes, to 0 (worst) to 100 (best). Absent: they are so already. */
  normalize?(scores: Float64Array, state: State): void;
}

export const bestScore = 100;

/** What happened in the cluster, as far as it may help a pod that fitted nowhere. */
export type ClusterChange =
  | { readonly type: NodeChange; readonly node: NodeInfo }
  | { readonly type: 'pod-added' | 'pod-relabelled'; readonly pod: PodInfo }
  /** It takes less room, or none, on a node that is known unless it is gone; room that was kept for it counts. */
  | { readonly type: 'pod-removed' | 'pod-shrunk'; readonly pod: PodInfo; readonly from: NodeInfo | undefined }
  | { readonly type: 'namespace-relabelled' }
  /** A claim, or anything else about storage. */
  | { readonly type: 'storage-changed'; readonly claim?: ObjectKey }
  /** A claim of devices (`frees`: it gave some back), or anything else about devices. */
  | { readonly type: 'devices-changed'; readonly claim?: ObjectKey; readonly frees: boolean }
  /** The waiting pod itself was changed. */
  | { readonly type: 'self-changed' };

/** Scales to 0 … 100 by the largest score; with `reverse`, the largest becomes 0. */
export function scaleByLargest(scores: Float64Array, reverse: boolean): void {
  let largest = 0;
  for (const score of scores) if (score > largest) largest = score;
  for (let i = 0; i < scores.length; i++) {
    const scaled = largest === 0 ? 0 : Math.floor((scores[i]! * bestScore) / largest);
    scores[i] = reverse ? bestScore - scaled : scaled;
  }
}
