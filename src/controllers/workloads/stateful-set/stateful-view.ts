import type { StatefulSet } from '../../../api/apps/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { isReady, untilAvailable } from '../../pod-state.ts';
import { isInRange, ordinalOf, revisionLabel, startOf } from './identity.ts';

/** A StatefulSet with its pods. */
export interface StatefulView {
  readonly set: Readonly<StatefulSet>;
  /** Names of the revisions: the one that is being left, and the one of the present template. */
  readonly current: string;
  readonly update: string;
  /** One place for each ordinal in range, from the lowest on. */
  readonly replicas: readonly Place[];
  /** Beyond the range, the highest ordinal first. */
  readonly condemned: readonly Readonly<Pod>[];
  readonly now: number;
}

export interface Place {
  readonly ordinal: number;
  readonly pod: Readonly<Pod> | undefined;
}

export function viewOf(
  set: Readonly<StatefulSet>,
  revisions: { readonly current: string; readonly update: string },
  pods: readonly Readonly<Pod>[],
  now: number,
): StatefulView {
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
  const start = startOf(set);
  const replicas = Array.from({ length: set.spec.replicas ?? 1 }, (_, index) => ({
    ordinal: start + index,
    pod: byOrdinal.get(start + index),
  }));
  const condemned = [...byOrdinal]
    .filter(([ordinal]) => ordinal >= 0 && !isInRange(set, ordinal))
    .sort(([a], [b]) => b - a)
    .map(([, pod]) => pod);
  return { set, ...revisions, replicas, condemned, now };
}

export function podsOf({ replicas, condemned }: StatefulView): readonly Readonly<Pod>[] {
  return [...replicas.flatMap(({ pod }) => (pod === undefined ? [] : [pod])), ...condemned];
}

export function isGoing({ metadata }: Readonly<Pod>): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function hasEnded({ status }: Readonly<Pod>): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

export function isRunningAndReady(pod: Readonly<Pod>): boolean {
  return pod.status?.phase === 'Running' && isReady(pod);
}

/** Ready for as long as the set wants. */
export function isAvailable({ set, now }: StatefulView, pod: Readonly<Pod>): boolean {
  return isReady(pod) && untilAvailable(pod, set.spec.minReadySeconds ?? 0, now) === 0;
}

export function revisionOf({ metadata }: Readonly<Pod>): string {
  return metadata.labels?.[revisionLabel] ?? '';
}

/** Pods below the partition are of the revision that is being left; without one, as many as there still are of it. */
export function isOfCurrent({ set }: StatefulView, ordinal: number): boolean {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  const kept = rollingUpdate?.partition ?? (type === 'RollingUpdate' ? (set.status?.currentReplicas ?? 0) : 0);
  return ordinal < startOf(set) + kept;
}
