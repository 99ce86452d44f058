import type { Job } from '../../../api/batch/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { podsToDelete } from '../replicaset/deletion-order.ts';
import { backoffLeft, type FailureRecord } from './failure-backoff.ts';
import { finishTime } from './finish-time.ts';
import { failuresOf, indexesOf, replacesOnlyFailed, type Tally } from './job-tally.ts';
import { anyIndexOf, indexOf, isIndexed } from './pod-index.ts';

/** Most pods made or deleted in one go. */
const burst = 500;

export interface PodPlan {
  readonly remove: readonly Readonly<Pod>[];
  /** One entry for each pod to make: its index, or `undefined` where there are none. */
  readonly create: readonly (number | undefined)[];
  /** When failed pods are to be replaced that are not yet, in milliseconds. */
  readonly againAfterMs?: number;
}

const nothing: PodPlan = { remove: [], create: [] };

/** Brings the pods of a job that goes on to the wanted number: either removes some or makes some, never both. */
export function planPods(job: Readonly<Job>, tally: Tally, record: FailureRecord, now: number): PodPlan {
  const { active } = tally;
  if (job.spec.suspend === true) return { ...nothing, remove: active };
  const wanted = wantedPods(job, tally);
  const remove = podsToRemove(job, active, Math.max(0, active.length - wanted), now).slice(0, burst);
  if (remove.length > 0) return { ...nothing, remove };
  const ending = replacesOnlyFailed(job) ? tally.terminating.length : 0;
  const missing = Math.min(burst, wanted - ending - active.length);
  if (missing <= 0) return nothing;
  const countsByIndex = tally.failedIndexes !== undefined;
  const wait = countsByIndex ? 0 : backoffLeft(record, now);
  if (wait > 0) return { ...nothing, againAfterMs: wait };
  if (!isIndexed(job)) return { ...nothing, create: Array.from({ length: missing }, () => undefined) };
  return planIndexes(job, tally, missing, now);
}

/** How many pods are to run now. */
function wantedPods({ spec }: Readonly<Job>, { active, succeeded }: Tally): number {
  const { parallelism = 1, completions } = spec;
  // The work is done, and those that still run may finish theirs.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

function planIndexes(job: Readonly<Job>, tally: Tally, count: number, now: number): PodPlan {
  const { active, terminating, succeededIndexes, failedIndexes, toReplace } = tally;
  let taken = succeededIndexes.union(indexesOf(active));
  if (replacesOnlyFailed(job)) taken = taken.union(indexesOf(terminating));
  if (failedIndexes !== undefined) taken = taken.union(failedIndexes);
  const waits = taken.missing(count, job.spec.completions ?? 0).map((index) => {
    const failed = toReplace.get(index);
    if (failed === undefined) return { index, wait: 0 };
    return { index, wait: backoffLeft({ failures: failuresOf(failed) + 1, lastFailure: finishTime(failed) }, now) };
  });
  const create = waits.filter(({ wait }) => wait === 0).map(({ index }) => index);
  const later = waits.filter(({ wait }) => wait > 0).map(({ wait }) => wait);
  return { ...nothing, create, ...(later.length > 0 && { againAfterMs: Math.min(...later) }) };
}

/**
 * At least `count` pods, those first that are missed least; of an Indexed job also all that have no index, one that the
 * job no longer has, or one that another pod has as well.
 */
function podsToRemove(
  job: Readonly<Job>,
  active: readonly Readonly<Pod>[],
  count: number,
  now: number,
): readonly Readonly<Pod>[] {
  const useless = isIndexed(job) ? uselessPods(job, active, now) : [];
  if (useless.length >= count) return useless;
  const left = active.filter((pod) => !useless.includes(pod));
  return [...useless, ...podsToDelete(left, [], count - useless.length, now)];
}

function uselessPods(job: Readonly<Job>, active: readonly Readonly<Pod>[], now: number): readonly Readonly<Pod>[] {
  return [...Map.groupBy(active, anyIndexOf).values()].flatMap((pods) =>
    indexOf(pods[0]!, job) === undefined ? pods : podsToDelete(pods, [], pods.length - 1, now),
  );
}
