import type { Job, JobStatus } from '../../../api/batch/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { isCounted, judge } from './failure-policy.ts';
import { hasFailed, isTracked, type Tally } from './job-tally.ts';
import type { Verdict } from './job-verdict.ts';
import { indexOf, isIndexed } from './pod-index.ts';

/** Most pods that stand in a status by their uid. */
const mostUncounted = 500;

/**
 * Each pod is counted once, whatever fails in between: its uid is written to the status, then its finalizer is taken
 * away, then the uid becomes part of the count.
 */
export interface Counting {
  /** The status with the pods that are to be counted by their uid. */
  readonly status: JobStatus;
  /** Pods that need their finalizer no longer, once that status is written. */
  readonly release: readonly Readonly<Pod>[];
  /** Whether these are all: of very many pods, some wait for the next time. */
  readonly isAll: boolean;
}

export function planCounting(
  job: Readonly<Job>,
  tally: Tally,
  verdict: Verdict | undefined,
  status: Readonly<JobStatus>,
): Counting {
  const before = countReleased(status, heldBy(tally.pods));
  const succeeded = [...(before.uncountedTerminatedPods?.succeeded ?? [])];
  const failed = [...(before.uncountedTerminatedPods?.failed ?? [])];
  const release: Readonly<Pod>[] = [];
  let indexes = 0;
  let isAll = true;
  for (const pod of inOrder(tally.pods, job)) {
    if (!isTracked(pod) || !canRelease(pod, job, tally, verdict)) continue;
    release.push(pod);
    const { uid = '' } = pod.metadata;
    const isKnown = !isIndexed(job) || indexOf(pod, job) !== undefined;
    if (pod.status?.phase === 'Succeeded' && !failed.includes(uid)) {
      // An index is enough to count it once.
      if (isIndexed(job)) indexes++;
      else if (!succeeded.includes(uid)) succeeded.push(uid);
    } else if (isKnown && !failed.includes(uid) && countsAsFailed(pod, job, verdict)) failed.push(uid);
    if (indexes + succeeded.length + failed.length >= mostUncounted) {
      isAll = false;
      break;
    }
  }
  const counted = { ...before, uncountedTerminatedPods: uncounted(succeeded, failed) };
  return { status: isIndexed(job) ? withIndexes(counted, tally) : counted, release, isAll };
}

/** The status in which those count whose finalizer is gone; `held` are the uids of the others. */
export function countReleased(status: Readonly<JobStatus>, held: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const stillSucceeded = succeeded.filter((uid) => held.has(uid));
  const stillFailed = failed.filter((uid) => held.has(uid));
  const { succeeded: countSucceeded = 0, failed: countFailed = 0, ...rest } = status;
  return {
    ...rest,
    ...some('succeeded', countSucceeded + succeeded.length - stillSucceeded.length),
    ...some('failed', countFailed + failed.length - stillFailed.length),
    uncountedTerminatedPods: uncounted(stillSucceeded, stillFailed),
  };
}

/** The uids of pods with the finalizer. */
export function heldBy(pods: readonly Readonly<Pod>[]): Set<string> {
  return new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid ?? ''));
}

function inOrder(pods: readonly Readonly<Pod>[], job: Readonly<Job>): readonly Readonly<Pod>[] {
  if (!isIndexed(job)) return pods;
  return pods.toSorted((a, b) => (indexOf(a, job) ?? -1) - (indexOf(b, job) ?? -1));
}

/** A failed pod whose index waits for another one stays until that one is there. */
function canRelease(pod: Readonly<Pod>, job: Readonly<Job>, tally: Tally, verdict: Verdict | undefined): boolean {
  if (job.metadata.deletionTimestamp !== undefined || verdict !== undefined) return true;
  if (pod.status?.phase === 'Succeeded') return true;
  if (!hasFailed(pod, job)) return false;
  const index = indexOf(pod, job);
  return index === undefined || tally.toReplace.get(index)?.metadata.uid !== pod.metadata.uid;
}

/** When a job fails, all that has not succeeded has failed. */
function countsAsFailed(pod: Readonly<Pod>, job: Readonly<Job>, verdict: Verdict | undefined): boolean {
  if (!hasFailed(pod, job) && verdict?.succeeds !== false) return false;
  return isCounted(judge(job.spec.podFailurePolicy, pod));
}

function withIndexes(status: JobStatus, { succeededIndexes, failedIndexes }: Tally): JobStatus {
  const { completedIndexes: _, failedIndexes: __, succeeded: ___, ...rest } = status;
  const completedIndexes = String(succeededIndexes);
  return {
    ...rest,
    ...some('succeeded', succeededIndexes.size),
    ...(completedIndexes !== '' && { completedIndexes }),
    ...(failedIndexes !== undefined && { failedIndexes: String(failedIndexes) }),
  };
}

function uncounted(succeeded: string[], failed: string[]): NonNullable<JobStatus['uncountedTerminatedPods']> {
  return { ...(succeeded.length > 0 && { succeeded }), ...(failed.length > 0 && { failed }) };
}

/** Kubernetes leaves counts of nothing out. */
function some<Name extends string>(name: Name, count: number): Partial<Record<Name, number>> {
  return count === 0 ? {} : ({ [name]: count } as Record<Name, number>);
}
