import type { Deployment, DeploymentCondition, DeploymentStatus } from '../../../api/apps/v1/types.ts';
import { parseTime, rfc3339 } from '../../../apimachinery/time.ts';
import { allSets, boundsOf, countOf, wanted, wantedByAll, type Rollout } from './rollout.ts';

type Conditions = readonly DeploymentCondition[];

const available = (yes: boolean): Said =>
  yes
    ? { status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };

interface Said {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/**
 * Counts and availability, with the other conditions as they are. Zero counts are left out but for
 * `terminatingReplicas`.
 */
export function countStatus(rollout: Rollout, now: number): DeploymentStatus {
  const { deployment, newSet } = rollout;
  const sets = allSets(rollout);
  const availableReplicas = countOf(sets, 'availableReplicas');
  const enough = availableReplicas >= wanted(deployment) - boundsOf(deployment).unavailable;
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: countOf(sets, 'replicas'),
    updatedReplicas: newSet === undefined ? 0 : countOf([newSet], 'replicas'),
    readyReplicas: countOf(sets, 'readyReplicas'),
    availableReplicas,
    unavailableReplicas: Math.max(0, wantedByAll(sets) - availableReplicas),
  };
  return {
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
    terminatingReplicas: countOf(sets, 'terminatingReplicas'),
    ...(deployment.status?.collisionCount === undefined ? {} : { collisionCount: deployment.status.collisionCount }),
    conditions: withCondition(deployment.status?.conditions ?? [], 'Available', available(enough), now),
  };
}

/** The status while a rollout is driven: adds how it progresses and which failure holds it up. */
export function rolloutStatus(rollout: Rollout, now: number): DeploymentStatus {
  const status = countStatus(rollout, now);
  const progress = progressConditions(rollout, status, now);
  return { ...status, conditions: withFailure(progress, rollout, now) };
}

function progressConditions(rollout: Rollout, status: DeploymentStatus, now: number): Conditions {
  const { deployment, newSet } = rollout;
  const present = status.conditions ?? [];
  if (!hasDeadline(deployment)) return withoutCondition(present, 'Progressing');
  const current = conditionOf(deployment.status, 'Progressing');
  const isDone =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (isDone) return present;
  const who =
    newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
  if (isComplete(deployment, status))
    return withCondition(
      present,
      'Progressing',
      { status: 'True', reason: 'NewReplicaSetAvailable', message: `${who} has successfully progressed.` },
      now,
    );
  if (hasProgressed(deployment.status, status)) {
    // Its time of update is when the deadline starts anew, so it is written even if it says the same again.
    const said = { status: 'True', reason: 'ReplicaSetUpdated', message: `${who} is progressing.` } as const;
    const others = withoutCondition(present, 'Progressing');
    const since = current?.status === 'True' ? current.lastTransitionTime : undefined;
    return [...others, { ...freshCondition('Progressing', said, now), ...(since && { lastTransitionTime: since }) }];
  }
  if (hasTimedOut(deployment, current, now))
    return withCondition(
      present,
      'Progressing',
      { status: 'False', reason: 'ProgressDeadlineExceeded', message: `${who} has timed out progressing.` },
      now,
    );
  return present;
}

/** The first failure of the new set, or else of an old one. */
function withFailure(present: Conditions, rollout: Rollout, now: number): DeploymentCondition[] {
  const failures = allSets(rollout).flatMap(
    (set) => set.status?.conditions?.filter(({ type }) => type === 'ReplicaFailure') ?? [],
  );
  const [failure] = failures;
  if (failure === undefined) return withoutCondition(present, 'ReplicaFailure');
  const { status, reason = '', message = '', lastTransitionTime } = failure;
  const said = { status: status as Said['status'], reason, message };
  if (present.some((one) => one.type === 'ReplicaFailure' && one.status === status && one.reason === reason))
    return [...present];
  const fresh = { ...freshCondition('ReplicaFailure', said, now), ...(lastTransitionTime && { lastTransitionTime }) };
  return [...withoutCondition(present, 'ReplicaFailure'), fresh];
}

/** All pods are of the present template, there, and available. */
export function isComplete(deployment: Readonly<Deployment>, status: DeploymentStatus): boolean {
  const target = wanted(deployment);
  const counts = [status.updatedReplicas, status.replicas, status.availableReplicas];
  return (
    counts.every((count) => (count ?? 0) === target) &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Milliseconds until the deadline must be checked again; `undefined` if nothing waits for it. */
export function untilDeadline(
  deployment: Readonly<Deployment>,
  status: DeploymentStatus,
  now: number,
): number | undefined {
  const progress = conditionOf(status, 'Progressing');
  if (!hasDeadline(deployment) || progress === undefined || isComplete(deployment, status)) return undefined;
  if (progress.reason === 'ProgressDeadlineExceeded' || progress.reason === 'NewReplicaSetAvailable') return undefined;
  // Times have whole seconds, so one more second is sure to be late enough.
  return Math.max(1000, deadlineOf(deployment, progress) - now + 1000);
}

function hasTimedOut(
  deployment: Readonly<Deployment>,
  progress: DeploymentCondition | undefined,
  now: number,
): boolean {
  if (progress === undefined || progress.reason === 'NewReplicaSetAvailable') return false;
  return progress.reason === 'ProgressDeadlineExceeded' || deadlineOf(deployment, progress) < now;
}

function deadlineOf({ spec }: Readonly<Deployment>, { lastUpdateTime }: DeploymentCondition): number {
  return (parseTime(lastUpdateTime) ?? 0) + (spec.progressDeadlineSeconds ?? 0) * 1000;
}

/** The largest number stands for no deadline. */
export function hasDeadline({ spec }: Readonly<Deployment>): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== 2 ** 31 - 1;
}

function hasProgressed(before: DeploymentStatus = {}, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  const grew = (field: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'): boolean =>
    (now[field] ?? 0) > (before[field] ?? 0);
  return grew('updatedReplicas') || old(now) < old(before) || grew('readyReplicas') || grew('availableReplicas');
}

export function conditionOf(
  status: Readonly<DeploymentStatus> | undefined,
  type: string,
): DeploymentCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/**
 * A condition that says the same for the same reason stays as it is; its time of transition changes only with its
 * status.
 */
export function withCondition(present: Conditions, type: string, said: Said, now: number): DeploymentCondition[] {
  const current = present.find((condition) => condition.type === type);
  if (current?.status === said.status && current.reason === said.reason) return [...present];
  const fresh = freshCondition(type, said, now);
  if (current?.status === said.status) fresh.lastTransitionTime = current.lastTransitionTime;
  return [...withoutCondition(present, type), fresh];
}

function freshCondition(type: string, said: Said, now: number): DeploymentCondition {
  return { type, ...said, lastUpdateTime: rfc3339(now), lastTransitionTime: rfc3339(now) };
}

function withoutCondition(present: Conditions, type: string): DeploymentCondition[] {
  return present.filter((condition) => condition.type !== type);
}
