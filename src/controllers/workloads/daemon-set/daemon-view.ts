import type { DaemonSet } from '../../../api/apps/v1/types.ts';
import type { Node, Pod } from '../../../api/core/v1/types.ts';
import { isFinished, isReady, untilAvailable } from '../../pod-state.ts';
import { targetNode } from './daemon-pod.ts';
import { nodeFitOf, type NodeFit } from './node-fit.ts';

/** A DaemonSet, the nodes, and its pods by the node that they are on or were made for. */
export interface DaemonView {
  readonly set: Readonly<DaemonSet>;
  readonly nodes: readonly FittedNode[];
  readonly pods: ReadonlyMap<string, readonly Readonly<Pod>[]>;
  /** Of the present template. */
  readonly hash: string;
  readonly now: number;
}

interface FittedNode extends NodeFit {
  readonly name: string;
}

export function viewOf(
  set: Readonly<DaemonSet>,
  nodes: readonly Readonly<Node>[],
  pods: readonly Readonly<Pod>[],
  hash: string,
  now: number,
): DaemonView {
  const fit = nodeFitOf(set);
  const byNode = new Map<string, Readonly<Pod>[]>();
  for (const pod of pods) {
    // Of those that have ended and are deleted nothing is left to do.
    if (isFinished(pod) && pod.metadata.deletionTimestamp !== undefined) continue;
    const node = targetNode(pod);
    if (node === undefined) continue;
    const there = byNode.get(node);
    if (there === undefined) byNode.set(node, [pod]);
    else there.push(pod);
  }
  const fitted = nodes.map((node) => ({ name: node.metadata.name, ...fit(node) }));
  return { set, nodes: fitted, pods: byNode, hash, now };
}

export function isAvailable({ set, now }: DaemonView, pod: Readonly<Pod>): boolean {
  return isReady(pod) && untilAvailable(pod, set.spec.minReadySeconds ?? 0, now) === 0;
}

/** Those that have a node first, then the oldest. */
export function oldestFirst(pods: readonly Readonly<Pod>[]): Readonly<Pod>[] {
  return pods.toSorted(
    (a, b) =>
      Number(!a.spec.nodeName) - Number(!b.spec.nodeName) ||
      (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  );
}
