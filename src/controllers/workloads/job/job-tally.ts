import type { Job } from '../../../api/batch/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { isActive, isTerminating } from '../../pod-state.ts';
import { isCounted, judge } from './failure-policy.ts';
import { finishTime } from './finish-time.ts';
import { IndexSet } from './index-set.ts';
import { anyIndexOf, failuresBefore, indexOf, isIndexed } from './pod-index.ts';

/** Keeps a pod that has ended from being removed before it is counted. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

export function isTracked({ metadata }: Readonly<Pod>): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) === true;
}

/** What there is of a job's pods, with those that have ended but are not in its status yet. */
export interface Tally {
  readonly pods: readonly Readonly<Pod>[];
  readonly active: readonly Readonly<Pod>[];
  readonly terminating: readonly Readonly<Pod>[];
  readonly newlySucceeded: readonly Readonly<Pod>[];
  readonly newlyFailed: readonly Readonly<Pod>[];
  readonly succeeded: number;
  readonly failed: number;
  /** Empty for a job without indexes. */
  readonly succeededIndexes: IndexSet;
  /** Of a job that limits the failures of each index. */
  readonly failedIndexes: IndexSet | undefined;
  /** The last failed pod of each index that waits for another one: it tells that one how often it has failed. */
  readonly toReplace: ReadonlyMap<number, Readonly<Pod>>;
}

export function tallyOf(job: Readonly<Job>, pods: readonly Readonly<Pod>[]): Tally {
  const { status = {}, spec } = job;
  const uncounted = status.uncountedTerminatedPods ?? {};
  const ofJob = pods.filter((pod) => isTracked(pod) && (!isIndexed(job) || indexOf(pod, job) !== undefined));
  const isIn = (uids: readonly string[] | undefined, pod: Readonly<Pod>): boolean =>
    uids?.includes(pod.metadata.uid ?? '') === true;
  const succeeded = ofJob.filter((pod) => pod.status?.phase === 'Succeeded');
  const failed = ofJob.filter((pod) => hasFailed(pod, job));
  const newlySucceeded = succeeded.filter((pod) => !isIn(uncounted.succeeded, pod));
  const newlyFailed = failed.filter((pod) => !isIn(uncounted.failed, pod));
  const countedFailures = newlyFailed.filter((pod) => isCounted(judge(spec.podFailurePolicy, pod)));
  const succeededIndexes = indexesWith(job, status.completedIndexes, succeeded);
  const failedIndexes =
    isIndexed(job) && spec.backoffLimitPerIndex !== undefined
      ? indexesWith(
          job,
          status.failedIndexes,
          failed.filter((pod) => failsIndex(pod, job)),
        )
      : undefined;
  const active = pods.filter(isActive);
  return {
    pods,
    active,
    terminating: pods.filter(isTerminating),
    newlySucceeded,
    newlyFailed,
    succeeded: isIndexed(job)
      ? succeededIndexes.size
      : (status.succeeded ?? 0) + newlySucceeded.length + (uncounted.succeeded?.length ?? 0),
    failed: (status.failed ?? 0) + countedFailures.length + (uncounted.failed?.length ?? 0),
    succeededIndexes,
    failedIndexes,
    toReplace:
      failedIndexes === undefined ? new Map() : lastFailed(job, failed, active, succeededIndexes.union(failedIndexes)),
  };
}

/** Whether failed pods alone are replaced, or those that end as well. */
export function replacesOnlyFailed({ spec }: Readonly<Job>): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
}

/** A pod that is deleted may never come to say that it has failed, as on a node that is lost. */
export function hasFailed({ metadata, status }: Readonly<Pod>, job: Readonly<Job>): boolean {
  if (status?.phase === 'Failed') return true;
  return !replacesOnlyFailed(job) && metadata.deletionTimestamp !== undefined && status?.phase !== 'Succeeded';
}

export function indexesOf(pods: readonly Readonly<Pod>[]): IndexSet {
  return IndexSet.of(pods.map(anyIndexOf).filter((index) => index !== undefined));
}

function indexesWith(job: Readonly<Job>, before: string | undefined, pods: readonly Readonly<Pod>[]): IndexSet {
  if (!isIndexed(job)) return IndexSet.empty;
  return IndexSet.parse(before ?? '', job.spec.completions ?? 0).union(indexesOf(pods));
}

/** Whether the index of a failed pod is given up. */
function failsIndex(pod: Readonly<Pod>, { spec }: Readonly<Job>): boolean {
  const judgement = judge(spec.podFailurePolicy, pod);
  if (judgement.action === 'FailIndex') return true;
  return isCounted(judgement) && failuresBefore(pod).counted >= (spec.backoffLimitPerIndex ?? 0);
}

function lastFailed(
  job: Readonly<Job>,
  failed: readonly Readonly<Pod>[],
  active: readonly Readonly<Pod>[],
  finished: IndexSet,
): ReadonlyMap<number, Readonly<Pod>> {
  const settled = finished.union(indexesOf(active));
  const last = new Map<number, Readonly<Pod>>();
  for (const pod of failed) {
    const index = indexOf(pod, job);
    if (index === undefined || settled.has(index)) continue;
    const other = last.get(index);
    if (other === undefined || (failuresOf(other) <= failuresOf(pod) && finishTime(other) <= finishTime(pod)))
      last.set(index, pod);
  }
  return last;
}

/** Failures of the index up to and without this pod, ignored ones too. */
export function failuresOf(pod: Readonly<Pod>): number {
  const { counted, ignored } = failuresBefore(pod);
  return counted + ignored;
}
