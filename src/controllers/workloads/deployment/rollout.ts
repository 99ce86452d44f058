import type { Deployment, ReplicaSet } from '../../../api/apps/v1/types.ts';
import { scaledValue } from '../../../apimachinery/int-or-string.ts';
import { equalTemplates } from './template-hash.ts';

export type Set = Readonly<ReplicaSet>;

/** A Deployment with its replica sets, told apart by their template. */
export interface Rollout {
  readonly deployment: Readonly<Deployment>;
  /** The set of the present template, if it was made already. */
  readonly newSet: Set | undefined;
  /** All others, oldest first. */
  readonly oldSets: readonly Set[];
}

/** Of several sets with the present template the oldest counts, so that everyone chooses the same. */
export function rolloutOf(deployment: Readonly<Deployment>, sets: readonly Set[]): Rollout {
  const byAge = [...sets].sort(olderFirst);
  const newSet = byAge.find(
    ({ spec }) => spec.template !== undefined && equalTemplates(spec.template, deployment.spec.template),
  );
  return { deployment, newSet, oldSets: byAge.filter((set) => set !== newSet) };
}

/** The new set first. */
export function allSets({ newSet, oldSets }: Rollout): readonly Set[] {
  return newSet === undefined ? oldSets : [newSet, ...oldSets];
}

/** The rollout as it is after some of its sets were changed; sets are recognised by uid. */
export function withChanged(rollout: Rollout, changed: readonly Set[]): Rollout {
  const latest = (set: Set): Set => changed.find(({ metadata }) => metadata.uid === set.metadata.uid) ?? set;
  return { ...rollout, newSet: rollout.newSet && latest(rollout.newSet), oldSets: rollout.oldSets.map(latest) };
}

export function olderFirst(a: Set, b: Set): number {
  const byTime = (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '');
  return byTime !== 0 ? byTime : a.metadata.name.localeCompare(b.metadata.name);
}

export function wanted(set: Readonly<ReplicaSet> | Readonly<Deployment>): number {
  return set.spec.replicas ?? 1;
}

export function wantedByAll(sets: readonly Set[]): number {
  return sets.reduce((sum, set) => sum + wanted(set), 0);
}

/** A count of the sets' status, summed up. */
export function countOf(
  sets: readonly Set[],
  field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas',
): number {
  return sets.reduce((sum, set) => sum + (set.status?.[field] ?? 0), 0);
}

export function isRollingUpdate({ spec }: Readonly<Deployment>): boolean {
  return spec.strategy?.type !== 'Recreate';
}

export interface Bounds {
  /** How many pods there may be beyond the wanted number. */
  readonly surge: number;
  /** How many of the wanted pods may be missing. */
  readonly unavailable: number;
}

/** Percentages become numbers: surge is rounded up, unavailability down; where both come to 0, one pod may be missing. */
export function boundsOf(deployment: Readonly<Deployment>): Bounds {
  if (!isRollingUpdate(deployment)) return { surge: 0, unavailable: 0 };
  const replicas = wanted(deployment);
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, replicas, 'up') ?? 0;
  const unavailable = scaledValue(maxUnavailable, replicas, 'down') ?? 0;
  return {
    surge,
    unavailable: surge === 0 && unavailable === 0 ? Math.min(1, replicas) : Math.min(unavailable, replicas),
  };
}
