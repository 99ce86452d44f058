import type { Pod } from '../../../api/core/v1/types.ts';
import { isReady } from '../../pod-state.ts';
import { hashLabel } from './daemon-pod.ts';
import { isAvailable, oldestFirst, type DaemonView } from './daemon-view.ts';
import { boundsOf } from './bounds.ts';

/** What has to change on the nodes. */
export interface NodesPlan {
  /** Names of nodes that get a pod. */
  readonly create: readonly string[];
  readonly delete: readonly Readonly<Pod>[];
}

/** A pod that has ended on its node, before it is replaced. */
export interface Ended {
  readonly pod: Readonly<Pod>;
  readonly node: string;
}

/**
 * Gives a pod to each node that should have one, and takes it from all others. `mayReplace` is asked about each pod that
 * has ended: a node that refuses a pod would refuse the next one just as fast.
 */
export function planNodes(view: DaemonView, mayReplace: (ended: Ended) => boolean): NodesPlan {
  const create: string[] = [];
  const remove: Readonly<Pod>[] = [];
  const allowsSurge = boundsOf(view.set, 1).surge > 0;
  for (const { name, run, keep } of view.nodes) {
    const pods = view.pods.get(name);
    if (pods === undefined) {
      if (run) create.push(name);
      continue;
    }
    if (keep && pods.length === 1 && isUndisturbed(pods[0]!)) continue;
    const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (!keep) {
      remove.push(...staying);
      continue;
    }
    const ended = staying.filter(hasEnded);
    remove.push(...ended.filter((pod) => mayReplace({ pod, node: name })));
    const running = oldestFirst(staying.filter((pod) => !hasEnded(pod)));
    if (!allowsSurge) remove.push(...running.slice(1));
    else if (running.length > 1) remove.push(...surplus(view, running));
    else if (running.length === 0 && run) create.push(name);
  }
  return { create, delete: [...remove, ...strayed(view)] };
}

/** Nearly all nodes have one such pod, at nearly all times. */
function isUndisturbed(pod: Readonly<Pod>): boolean {
  return pod.metadata.deletionTimestamp === undefined && !hasEnded(pod);
}

function hasEnded({ status }: Readonly<Pod>): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

/**
 * Beside the pod of an earlier template one of the present template may run until it is available, as long as the
 * earlier one is ready.
 */
function surplus(view: DaemonView, running: readonly Readonly<Pod>[]): Readonly<Pod>[] {
  const fresh = running.find(({ metadata }) => metadata.labels?.[hashLabel] === view.hash);
  const old = running.find(({ metadata }) => metadata.labels?.[hashLabel] !== view.hash);
  const others = running.filter((pod) => pod !== fresh && pod !== old);
  const isReplaced = fresh !== undefined && old !== undefined && (!isReady(old) || isAvailable(view, fresh));
  return isReplaced ? [...others, old] : others;
}

/** Pods for nodes that are gone before they were scheduled: nobody else will ever remove them. */
function strayed({ nodes, pods }: DaemonView): Readonly<Pod>[] {
  const there = new Set(nodes.map(({ name }) => name));
  return [...pods].flatMap(([node, all]) => (there.has(node) ? [] : all.filter(({ spec }) => !spec.nodeName)));
}
