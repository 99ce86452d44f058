import type { Pod } from '../../api/core/v1/types.ts';
import type { Condition } from '../../api/meta/v1/types.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/policy/v1/types.ts';
import { scaledValue } from '../../apimachinery/int-or-string.ts';
import { parseTime, rfc3339 } from '../../apimachinery/time.ts';
import { isActive, isReady } from '../pod-state.ts';

/** How long an eviction that was granted counts against the budget before the pod is seen to go, in milliseconds. */
const evictionCountsMs = 120_000;
const allowed = 'DisruptionAllowed';

/** The pods that a budget selects, and how many their workloads want. */
export interface Protected {
  readonly pods: readonly Readonly<Pod>[];
  /** Sum over the workloads that own the pods. */
  readonly wanted: number;
}

export interface BudgetPlan {
  readonly status: PodDisruptionBudgetStatus;
  /** Milliseconds until a granted eviction stops to count. */
  readonly againAfterMs: number | undefined;
  /** Pods whose eviction was granted long ago, and that are still there. */
  readonly overdue: readonly Readonly<Pod>[];
}

/** Whether the budget is a share of what the workloads want, instead of a number of pods. */
export function wantsScale({ spec }: Readonly<PodDisruptionBudget>): boolean {
  const { minAvailable, maxUnavailable } = spec ?? {};
  return maxUnavailable !== undefined || typeof minAvailable === 'string';
}

/** The status when nobody can tell how many pods there should be: none may be evicted. */
export function planFailure(
  budget: Readonly<PodDisruptionBudget>,
  why: string,
  now: number,
): PodDisruptionBudgetStatus {
  const { currentHealthy = 0, desiredHealthy = 0, expectedPods = 0, ...status } = budget.status ?? {};
  const failed = { status: 'False', reason: 'SyncFailed', message: why } as const;
  return {
    ...status,
    conditions: withCondition(budget, { ...failed, observedGeneration: status.observedGeneration ?? 0 }, now),
    currentHealthy,
    desiredHealthy,
    disruptionsAllowed: 0,
    expectedPods,
  };
}

/** How many of the pods may be evicted now. */
export function planBudget(
  budget: Readonly<PodDisruptionBudget>,
  { pods, wanted }: Protected,
  now: number,
): BudgetPlan {
  const { expectedPods, desiredHealthy } = expectation(budget, pods.length, wanted);
  const granted = stillCounting(budget, pods, now);
  const currentHealthy = pods.filter(
    (pod) => isActive(pod) && isReady(pod) && granted[pod.metadata.name] === undefined,
  ).length;
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const ends = Object.values(granted).map((time) => (parseTime(time) ?? now) + evictionCountsMs - now);
  return {
    status: {
      conditions: withCondition(
        budget,
        {
          status: disruptionsAllowed > 0 ? 'True' : 'False',
          reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
          message: '',
          observedGeneration: budget.metadata.generation ?? 0,
        },
        now,
      ),
      currentHealthy,
      desiredHealthy,
      ...(Object.keys(granted).length > 0 ? { disruptedPods: granted } : {}),
      disruptionsAllowed,
      expectedPods,
      observedGeneration: budget.metadata.generation,
    },
    againAfterMs: ends.length === 0 ? undefined : Math.max(1, Math.min(...ends)),
    overdue: pods.filter(
      ({ metadata: { name, deletionTimestamp } }) =>
        deletionTimestamp === undefined && budget.status?.disruptedPods?.[name] !== undefined && !(name in granted),
    ),
  };
}

function expectation(
  { spec }: Readonly<PodDisruptionBudget>,
  pods: number,
  wanted: number,
): { expectedPods: number; desiredHealthy: number } {
  const { minAvailable, maxUnavailable } = spec ?? {};
  if (maxUnavailable !== undefined) {
    const missing = scaledValue(maxUnavailable, wanted, 'up') ?? 0;
    return { expectedPods: wanted, desiredHealthy: Math.max(0, wanted - missing) };
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
  if (typeof minAvailable === 'number') return { expectedPods: pods, desiredHealthy: minAvailable };
  return { expectedPods: wanted, desiredHealthy: scaledValue(minAvailable, wanted, 'up') ?? 0 };
}

/** Evictions that were granted, of pods that are there and not going yet. */
function stillCounting(
  { status }: Readonly<PodDisruptionBudget>,
  pods: readonly Readonly<Pod>[],
  now: number,
): Record<string, string> {
  const staying = new Set(
    pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name),
  );
  const granted = Object.entries(status?.disruptedPods ?? {});
  return Object.fromEntries(
    granted.filter(([name, time]) => staying.has(name) && now - (parseTime(time) ?? 0) < evictionCountsMs),
  );
}

function withCondition(
  { status }: Readonly<PodDisruptionBudget>,
  said: Omit<Condition, 'type' | 'lastTransitionTime'>,
  now: number,
): Condition[] {
  const present = status?.conditions ?? [];
  const current = present.find(({ type }) => type === allowed);
  const lastTransitionTime = current?.status === said.status ? current.lastTransitionTime : rfc3339(now);
  const condition: Condition = { type: allowed, ...said, lastTransitionTime };
  return [...present.filter(({ type }) => type !== allowed), condition];
}
