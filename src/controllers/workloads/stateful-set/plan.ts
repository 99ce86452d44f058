import type { Pod } from '../../../api/core/v1/types.ts';
import { scaledValue } from '../../../apimachinery/int-or-string.ts';
import { hasEnded, isAvailable, isGoing, isRunningAndReady, revisionOf, type StatefulView } from './stateful-view.ts';

export type Step =
  | { readonly kind: 'create'; readonly ordinal: number }
  | { readonly kind: 'delete'; readonly pod: Readonly<Pod>; readonly forUpdate?: true }
  /** What is missing of its claims is made. */
  | { readonly kind: 'claim'; readonly pod: Readonly<Pod> }
  /** Its claims get the owners that the set's policy says. */
  | { readonly kind: 'own'; readonly pod: Readonly<Pod> }
  /** The same, and the pod gets back what makes it the set's. */
  | { readonly kind: 'repair'; readonly pod: Readonly<Pod> };

/** What is done now: one stage after the other, and all of a stage at once. */
export type Stages = readonly (readonly Step[])[];

type NeedsRepair = (pod: Readonly<Pod>) => boolean;

/** What the claims of pods have a say in. */
export interface ClaimsView {
  /** Whether a pod cannot be made because claims of its name are still to be deleted. */
  isBlocked(ordinal: number): boolean;
  /** Whether claims of the pod name other owners than they should. */
  needOwners(pod: Readonly<Pod>): boolean;
}

/** The next steps towards the set as it should be. An ordered one takes them one by one. */
export function planSteps(view: StatefulView, claims: ClaimsView, needsRepair: NeedsRepair): Stages {
  const repairs: NeedsRepair = (pod) => needsRepair(pod) || claims.needOwners(pod);
  if (view.set.spec.podManagementPolicy === 'Parallel') return planParallel(view, claims, repairs);
  return planOrdered(view, claims, repairs);
}

function planParallel(view: StatefulView, claims: ClaimsView, repairs: NeedsRepair): Stages {
  const living = view.replicas.flatMap<Step>(({ ordinal, pod }) => {
    if (pod === undefined) return claims.isBlocked(ordinal) ? [] : [{ kind: 'create', ordinal }];
    if (hasEnded(pod)) return isGoing(pod) ? [] : [{ kind: 'delete', pod }];
    return [...claimStep(pod), ...(repairs(pod) ? [{ kind: 'repair', pod } as const] : [])];
  });
  const leaving = view.condemned.filter((pod) => !isGoing(pod)).map((pod) => ({ kind: 'delete', pod }) as const);
  return [living, claimsOfCondemned(view, claims), leaving, planUpdate(view)];
}

/** Each pod waits until all before it are available; a pod that ended is replaced in its turn. */
function planOrdered(view: StatefulView, claims: ClaimsView, repairs: NeedsRepair): Stages {
  const stages: Step[][] = [];
  for (const { ordinal, pod } of view.replicas) {
    if (pod === undefined) return claims.isBlocked(ordinal) ? stages : [...stages, [{ kind: 'create', ordinal }]];
    if (hasEnded(pod)) return isGoing(pod) ? stages : [...stages, [{ kind: 'delete', pod }]];
    stages.push(claimStep(pod));
    if (isGoing(pod) || !isRunningAndReady(pod) || !isAvailable(view, pod)) return stages;
    if (repairs(pod)) stages.push([{ kind: 'repair', pod }]);
  }
  stages.push(claimsOfCondemned(view, claims));
  const [last] = view.condemned;
  if (last === undefined) return [...stages, planUpdate(view)];
  // All before it are available, so the lowest that is not is the first unhealthy one, and may go all the same.
  const unhealthy = view.condemned.findLast((pod) => isGoing(pod) || !isAvailable(view, pod));
  const mayGo = !isGoing(last) && ((isRunningAndReady(last) && isAvailable(view, last)) || last === unhealthy);
  return mayGo ? [...stages, [{ kind: 'delete', pod: last }]] : stages;
}

function claimStep(pod: Readonly<Pod>): Step[] {
  return pod.status?.phase === 'Pending' ? [{ kind: 'claim', pod }] : [];
}

function claimsOfCondemned({ condemned }: StatefulView, claims: ClaimsView): Step[] {
  return condemned.filter((pod) => claims.needOwners(pod)).map((pod) => ({ kind: 'own', pod }));
}

/** Pods of another revision go, the highest ordinal first, down to the partition. */
function planUpdate(view: StatefulView): Step[] {
  const { updateStrategy: { type, rollingUpdate } = {}, replicas: wanted = 1 } = view.set.spec;
  if (type === 'OnDelete') return [];
  const isMissing = (pod: Readonly<Pod> | undefined): boolean =>
    pod === undefined || isGoing(pod) || !isAvailable(view, pod);
  const isOutdated = (pod: Readonly<Pod> | undefined): pod is Readonly<Pod> =>
    pod !== undefined && revisionOf(pod) !== view.update && !isGoing(pod);
  const targets = view.replicas.slice(rollingUpdate?.partition ?? 0).map(({ pod }) => pod);
  const step = (pod: Readonly<Pod>): Step => ({ kind: 'delete', pod, forUpdate: true });
  const { maxUnavailable } = rollingUpdate ?? {};
  if (maxUnavailable !== undefined) {
    const missing = view.replicas.filter(({ pod }) => isMissing(pod)).length;
    const mayMiss = Math.max(1, scaledValue(maxUnavailable, wanted, 'down') ?? 1);
    return targets
      .reverse()
      .filter(isOutdated)
      .slice(0, Math.max(0, mayMiss - missing))
      .map(step);
  }
  const stop = targets.findLast((pod) => isOutdated(pod) || isMissing(pod));
  return isOutdated(stop) ? [step(stop)] : [];
}
