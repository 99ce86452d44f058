import type { Job, JobCondition, JobStatus } from '../../../api/batch/v1/types.ts';
import type { ContainerStatus, Pod } from '../../../api/core/v1/types.ts';
import { parseTime, rfc3339 } from '../../../apimachinery/time.ts';
import { judge } from './failure-policy.ts';
import { hasFailed, type Tally } from './job-tally.ts';
import { isIndexed } from './pod-index.ts';
import { rulesKept } from './success-policy.ts';

/** How a job ends. It is told as an aim first, and as done when nothing of the job runs any more. */
export interface Verdict {
  readonly succeeds: boolean;
  readonly reason: string;
  readonly message: string;
}

/**
 * What there is to say before anything is done about the pods. An aim that was told before stays; failures come before
 * success.
 */
export function verdictOf(job: Readonly<Job>, tally: Tally, now: number): Verdict | undefined {
  const { completions = 0, successPolicy } = job.spec;
  const told = toldVerdict(job.status) ?? failureByPolicy(job, tally.pods) ?? failureByLimits(job, tally, now);
  if (told !== undefined || !isIndexed(job)) return told;
  const failure = failureByIndexes(job, tally);
  if (failure !== undefined) return failure;
  const rule = rulesKept(successPolicy, tally.succeededIndexes, completions);
  return rule === undefined
    ? undefined
    : { succeeds: true, reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` };
}

/** Success by the number of pods, when `active` are left. A job without a number is done with its first success. */
export function verdictByCompletions({ spec }: Readonly<Job>, succeeded: number, active: number): Verdict | undefined {
  const isDone = succeeded >= (spec.completions ?? 1) && active === 0;
  if (!isDone) return undefined;
  return { succeeds: true, reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
}

/** Milliseconds until the job has run for too long; none without a deadline or while it is suspended. */
export function untilDeadline({ spec, status }: Readonly<Job>, now: number): number | undefined {
  const start = parseTime(status?.startTime);
  if (spec.activeDeadlineSeconds === undefined || spec.suspend === true || start === undefined) return undefined;
  return Math.max(0, start + spec.activeDeadlineSeconds * 1000 - now);
}

function conditionOf(status: Readonly<JobStatus> | undefined, type: string): JobCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/**
 * The conditions with one more or a changed one; the same list when it says that already. None is added to say that
 * something is not so.
 */
export function withCondition(
  conditions: readonly JobCondition[],
  wanted: Pick<JobCondition, 'type' | 'status' | 'reason' | 'message'>,
  now: number,
): readonly JobCondition[] {
  const present = conditions.find(({ type }) => type === wanted.type);
  const time = rfc3339(now);
  const made = { ...wanted, lastProbeTime: time, lastTransitionTime: time };
  if (present === undefined) return wanted.status === 'False' ? conditions : [...conditions, made];
  const { status, reason, message } = present;
  if (status === wanted.status && reason === wanted.reason && message === wanted.message) return conditions;
  return conditions.map((condition) => (condition === present ? made : condition));
}

function toldVerdict(status: Readonly<JobStatus> | undefined): Verdict | undefined {
  for (const type of ['SuccessCriteriaMet', 'FailureTarget']) {
    const { status: is, reason = '', message = '' } = conditionOf(status, type) ?? {};
    if (is === 'True') return { succeeds: type === 'SuccessCriteriaMet', reason, message };
  }
  return undefined;
}

function failure(reason: string, message: string): Verdict {
  return { succeeds: false, reason, message };
}

function failureByPolicy(job: Readonly<Job>, pods: readonly Readonly<Pod>[]): Verdict | undefined {
  const policy = job.spec.podFailurePolicy;
  if (policy === undefined) return undefined;
  for (const pod of pods) {
    const message = hasFailed(pod, job) ? judge(policy, pod).message : undefined;
    if (message !== undefined) return failure('PodFailurePolicy', message);
  }
  return undefined;
}

function failureByLimits(job: Readonly<Job>, { failed, pods }: Tally, now: number): Verdict | undefined {
  if (failed > (job.spec.backoffLimit ?? 6) || hasRestartedTooOften(job, pods))
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if (untilDeadline(job, now) === 0)
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  return undefined;
}

/** Restarts within a pod count as failures. */
function hasRestartedTooOften({ spec }: Readonly<Job>, pods: readonly Readonly<Pod>[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const restarts = (statuses: readonly ContainerStatus[] = []): number =>
    statuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  const total = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .reduce(
      (sum, { status }) => sum + restarts(status?.initContainerStatuses) + restarts(status?.containerStatuses),
      0,
    );
  return total >= Math.max(1, spec.backoffLimit ?? 6);
}

function failureByIndexes({ spec }: Readonly<Job>, { failedIndexes, succeededIndexes }: Tally): Verdict | undefined {
  const failed = failedIndexes?.size ?? 0;
  if (failed > (spec.maxFailedIndexes ?? Infinity))
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  if (failed > 0 && failed + succeededIndexes.size >= (spec.completions ?? 0))
    return failure('FailedIndexes', 'Job has failed indexes');
  return undefined;
}
