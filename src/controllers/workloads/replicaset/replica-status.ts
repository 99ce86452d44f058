import type { ReplicaSetCondition, ReplicaSetStatus } from '../../../api/apps/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import { isActive, isReady, isTerminating, untilAvailable } from '../../pod-state.ts';
import { some } from '../some.ts';

/** What status reports on; `ReplicaSet` and `ReplicationController` both fit. */
export interface Replicated {
  readonly generation: number | undefined;
  readonly replicas: number;
  readonly minReadySeconds: number;
  readonly templateLabels: Readonly<Record<string, string>>;
  readonly status: ReplicaSetStatus | undefined;
  /** Whether the kind's status tells how many pods are on their way out. */
  readonly tellsTerminating: boolean;
}

/** Why the wanted number of pods could not be reached in this attempt. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/** Counts that are zero are left out, but for `replicas` and `terminatingReplicas`, as Kubernetes writes them. */
export function planStatus(
  set: Replicated,
  pods: readonly Readonly<Pod>[],
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetStatus {
  const active = pods.filter(isActive);
  const ready = active.filter(isReady);
  const labels = Object.entries(set.templateLabels);
  const fullyLabeled = active.filter(({ metadata }) =>
    labels.every(([name, value]) => metadata.labels?.[name] === value),
  );
  const available = ready.filter((pod) => untilAvailable(pod, set.minReadySeconds, now) === 0);
  const conditions = planConditions(set.status?.conditions ?? [], failure, now);
  return {
    replicas: active.length,
    ...some('fullyLabeledReplicas', fullyLabeled.length),
    ...some('readyReplicas', ready.length),
    ...some('availableReplicas', available.length),
    ...(set.tellsTerminating ? { terminatingReplicas: pods.filter(isTerminating).length } : {}),
    ...some('observedGeneration', set.generation ?? 0),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** The first failure stays as it was, with its message, until an attempt succeeds. */
function planConditions(
  present: readonly ReplicaSetCondition[],
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetCondition[] {
  const others = present.filter(({ type }) => type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const known = present.find(({ type }) => type === 'ReplicaFailure');
  return [...others, known ?? { type: 'ReplicaFailure', status: 'True', lastTransitionTime: rfc3339(now), ...failure }];
}
