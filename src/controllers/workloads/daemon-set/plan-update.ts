import type { Pod } from '../../../api/core/v1/types.ts';
import { boundsOf } from './bounds.ts';
import { isUpToDate } from './daemon-pod.ts';
import { isAvailable, type DaemonView } from './daemon-view.ts';
import type { NodesPlan } from './plan-nodes.ts';

const nothing: NodesPlan = { create: [], delete: [] };

/** The next step of a rolling update, for when each node has the pods that it should have. */
export function planUpdate(view: DaemonView): NodesPlan {
  if (view.set.spec.updateStrategy?.type !== 'RollingUpdate') return nothing;
  if (isDone(view)) return nothing;
  const wanted = view.nodes.filter(({ run }) => run).length;
  const { surge, unavailable } = boundsOf(view.set, wanted);
  return surge === 0 ? planReplacement(view, unavailable) : planSurge(view, surge, wanted);
}

/** Whether no pod of an earlier template is left. */
function isDone({ pods, set, hash }: DaemonView): boolean {
  for (const there of pods.values()) if (!there.every((pod) => isUpToDate(pod, set, hash))) return false;
  return true;
}

interface PodsOfNode {
  readonly node: string;
  readonly fresh: Readonly<Pod> | undefined;
  readonly old: Readonly<Pod> | undefined;
  /** Several of one sort: they have to be sorted out first. */
  readonly isCrowded: boolean;
  readonly run: boolean;
}

/** The nodes that have pods, or should have one. Pods that are going do not count. */
function podsByNode(view: DaemonView): PodsOfNode[] {
  const runs = new Map(view.nodes.map(({ name, run }) => [name, run]));
  const named = new Set([...view.pods.keys(), ...view.nodes.filter(({ run }) => run).map(({ name }) => name)]);
  return Array.from(named, (node) => {
    const staying = (view.pods.get(node) ?? []).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const fresh = staying.filter((pod) => isUpToDate(pod, view.set, view.hash));
    const old = staying.filter((pod) => !isUpToDate(pod, view.set, view.hash));
    const isCrowded = fresh.length > 1 || old.length > 1;
    return { node, fresh: fresh[0], old: old[0], isCrowded, run: runs.get(node) === true };
  });
}

/** Old pods are deleted, as many as may be missing; those that are not available can go at any time. */
function planReplacement(view: DaemonView, mayMiss: number): NodesPlan {
  let missing = 0;
  const atOnce: Readonly<Pod>[] = [];
  const candidates: Readonly<Pod>[] = [];
  for (const { fresh, old, isCrowded } of podsByNode(view)) {
    if (isCrowded || (fresh === undefined) === (old === undefined)) missing++;
    else if (fresh !== undefined) missing += isAvailable(view, fresh) ? 0 : 1;
    else if (isAvailable(view, old!)) candidates.push(old!);
    else {
      atOnce.push(old!);
      missing++;
    }
  }
  return { create: [], delete: [...atOnce, ...candidates.slice(0, Math.max(0, mayMiss - missing))] };
}

/**
 * New pods are made beside the old ones, which go when the new ones are available. On nodes that should have none any
 * more an old pod goes when enough others are available.
 */
function planSurge(view: DaemonView, maxSurge: number, wanted: number): NodesPlan {
  let surging = 0;
  let available = 0;
  const remove: Readonly<Pod>[] = [];
  const leaving: Readonly<Pod>[] = [];
  const atOnce: string[] = [];
  const candidates: string[] = [];
  for (const { node, fresh, old, isCrowded, run } of podsByNode(view)) {
    if (isCrowded) {
      surging++;
      continue;
    }
    const counted = old ?? fresh;
    if (counted !== undefined && isAvailable(view, counted)) available++;
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (isAvailable(view, fresh)) remove.push(old);
      else surging++;
    } else if (isAvailable(view, old)) {
      if (run) candidates.push(node);
      else leaving.push(old);
    } else if (run) atOnce.push(node);
    else remove.push(old);
  }
  return {
    create: [...atOnce, ...candidates.slice(0, Math.max(0, maxSurge - surging))],
    delete: [...remove, ...leaving.slice(0, Math.max(0, available - wanted))],
  };
}
