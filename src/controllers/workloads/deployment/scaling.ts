import type { Deployment } from '../../../api/apps/v1/types.ts';
import { desiredReplicasAnnotation, hasAnnotations, maxReplicasAnnotation, sizeAnnotations } from './annotations.ts';
import {
  allSets,
  boundsOf,
  countOf,
  isRollingUpdate,
  olderFirst,
  wanted,
  wantedByAll,
  type Rollout,
  type Set,
} from './rollout.ts';

/** A set gets a new size; the same size means that only its annotations are refreshed. */
export interface Scale {
  readonly set: Set;
  readonly replicas: number;
}

/** The next step of a rollout. Each stage waits until the one before has nothing to do. */
export function planRollout(rollout: Rollout, oldPodsLeft: boolean): Scale[] {
  return isRollingUpdate(rollout.deployment) ? planRollingUpdate(rollout) : planRecreate(rollout, oldPodsLeft);
}

/** The most pods that the Deployment may have. */
export function maximumSize(deployment: Readonly<Deployment>): number {
  return wanted(deployment) + boundsOf(deployment).surge;
}

/** How large the new set may be at once: within the surge, beside what the old sets still have. */
export function newSetSize({ deployment, newSet, oldSets }: Rollout): number {
  const target = wanted(deployment);
  if (!isRollingUpdate(deployment)) return target;
  const present = newSet === undefined ? 0 : wanted(newSet);
  const room = target + boundsOf(deployment).surge - wantedByAll(oldSets) - present;
  return room <= 0 ? present : present + Math.min(room, target - present);
}

function planRollingUpdate(rollout: Rollout): Scale[] {
  const { deployment, newSet } = rollout;
  if (newSet === undefined) return [];
  if (wanted(newSet) !== wanted(deployment)) {
    const replicas = wanted(newSet) > wanted(deployment) ? wanted(deployment) : newSetSize(rollout);
    if (replicas !== wanted(newSet)) return [{ set: newSet, replicas }];
  }
  return shrinkOldSets(rollout, newSet);
}

/** Takes away old pods that are not available first, then others as far as enough stay available. */
function shrinkOldSets(rollout: Rollout, newSet: Set): Scale[] {
  const { deployment, oldSets } = rollout;
  const sets = allSets(rollout);
  const leastAvailable = wanted(deployment) - boundsOf(deployment).unavailable;
  const newUnavailable = wanted(newSet) - (newSet.status?.availableReplicas ?? 0);
  const spare = wantedByAll(sets) - leastAvailable - newUnavailable;
  if (wantedByAll(oldSets) === 0 || spare <= 0) return [];

  const sizes = new Map(oldSets.map((set) => [set, wanted(set)]));
  const take = (limit: number, surplus: (set: Set, size: number) => number): void => {
    for (const [set, size] of sizes) {
      const count = Math.max(0, Math.min(limit, surplus(set, size)));
      sizes.set(set, size - count);
      limit -= count;
    }
  };
  take(spare, (set, size) => size - (set.status?.availableReplicas ?? 0));
  take(countOf(sets, 'availableReplicas') - leastAvailable, (_set, size) => size);
  return changes(sizes);
}

function planRecreate({ deployment, newSet, oldSets }: Rollout, oldPodsLeft: boolean): Scale[] {
  const down = oldSets.filter((set) => wanted(set) > 0).map((set) => ({ set, replicas: 0 }));
  if (down.length > 0 || oldPodsLeft || newSet === undefined) return down;
  return changes(new Map([[newSet, wanted(deployment)]]));
}

/** Whether the Deployment was scaled since its active sets were last sized. */
export function wasScaled(rollout: Rollout): boolean {
  const target = wanted(rollout.deployment);
  return activeSets(allSets(rollout)).some((set) => isMarkedOtherwise(set, target));
}

/** The set's annotation tells of another wanted number. */
function isMarkedOtherwise({ metadata }: Set, target: number): boolean {
  const known = metadata.annotations?.[desiredReplicasAnnotation];
  return known !== undefined && known !== String(target);
}

/**
 * Brings the sets to a new total size. In the midst of a rolling update each set gets its share of the difference, so
 * that the mixture of versions stays what it was; the largest takes what rounding leaves over.
 */
export function planScaling(rollout: Rollout): Scale[] {
  const { deployment, newSet, oldSets } = rollout;
  const target = wanted(deployment);
  const active = activeSets(allSets(rollout));
  if (active.length <= 1) {
    const only = active[0] ?? newSet ?? oldSets.at(-1);
    return only === undefined || (wanted(only) === target && !isMarkedOtherwise(only, target))
      ? []
      : [{ set: only, replicas: target }];
  }
  if (newSet !== undefined && isSaturated(deployment, newSet))
    return activeSets(oldSets).map((set) => ({ set, replicas: 0 }));
  if (!isRollingUpdate(deployment)) return [];
  return shares(deployment, active);
}

function shares(deployment: Readonly<Deployment>, active: readonly Set[]): Scale[] {
  const target = wanted(deployment);
  const maximum = maximumSize(deployment);
  const difference = (target > 0 ? maximum : 0) - wantedByAll(active);
  const growing = difference > 0;
  const bySize = [...active].sort((a, b) => wanted(b) - wanted(a) || (growing ? olderFirst(b, a) : olderFirst(a, b)));
  let open = difference;
  const sizes = bySize.map((set) => {
    const share = difference === 0 ? 0 : shareOf(set, deployment, maximum);
    const change = growing ? Math.min(share, open) : Math.max(share, open);
    open -= change;
    return { set, replicas: wanted(set) + change };
  });
  return sizes
    .map(({ set, replicas }, index) => ({ set, replicas: Math.max(0, replicas + (index === 0 ? open : 0)) }))
    .filter(
      ({ set, replicas }) =>
        replicas !== wanted(set) || !hasAnnotations(set.metadata.annotations, sizeAnnotations(target, maximum)),
    );
}

/** By how much the set would change if it kept its part of the whole. */
function shareOf(set: Set, deployment: Readonly<Deployment>, maximum: number): number {
  const size = wanted(set);
  if (wanted(deployment) === 0) return -size;
  const known = Number(set.metadata.annotations?.[maxReplicasAnnotation]);
  const before = Number.isSafeInteger(known) && known > 0 ? known : (deployment.status?.replicas ?? 0);
  return before === 0 ? 0 : Math.round((size * maximum) / before) - size;
}

/** The rollout is over: the new set alone has all that is wanted. */
function isSaturated(deployment: Readonly<Deployment>, newSet: Set): boolean {
  const target = wanted(deployment);
  const desired = newSet.metadata.annotations?.[desiredReplicasAnnotation];
  return wanted(newSet) === target && desired === String(target) && (newSet.status?.availableReplicas ?? 0) === target;
}

function activeSets(sets: readonly Set[]): Set[] {
  return sets.filter((set) => wanted(set) > 0);
}

function changes(sizes: ReadonlyMap<Set, number>): Scale[] {
  return [...sizes].filter(([set, size]) => size !== wanted(set)).map(([set, replicas]) => ({ set, replicas }));
}
