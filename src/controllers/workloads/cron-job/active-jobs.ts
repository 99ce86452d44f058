import { Jobs, type CronJob, type CronJobStatus, type Job } from '../../../api/batch/v1/types.ts';
import { parseTime } from '../../../apimachinery/time.ts';
import type { Cluster } from '../../../reconciler/controller.ts';
import { finishOf } from '../job-conditions.ts';
import { messageOf } from '../pod-control.ts';

/** Deletes the oldest finished jobs of a CronJob that are more than it keeps. */
export async function trimHistory(
  cronJob: Readonly<CronJob>,
  jobs: readonly Readonly<Job>[],
  status: CronJobStatus,
  cluster: Cluster,
): Promise<CronJobStatus> {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec;
  const limits = { Complete: successfulJobsHistoryLimit, Failed: failedJobsHistoryLimit };
  let left = status;
  for (const [type, limit] of Object.entries(limits)) {
    if (limit === undefined) continue;
    const finished = jobs.filter((job) => finishOf(job)?.type === type);
    for (const job of finished.toSorted(olderFirst).slice(0, Math.max(0, finished.length - limit)))
      if (await deleteJob(cronJob, job, cluster)) left = without(left, job);
  }
  return left;
}

/** Whether it is gone; a failure is told in an event, and tried again the next time. */
export async function deleteJob(cronJob: Readonly<CronJob>, job: Readonly<Job>, cluster: Cluster): Promise<boolean> {
  try {
    await cluster.delete(Jobs, job, { propagationPolicy: 'Background' });
  } catch (error) {
    cluster.events.record(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${messageOf(error)}`);
    return false;
  }
  cluster.events.record(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
  return true;
}

/** Takes jobs that have ended or are gone off the list of active ones, and notes the last success. */
export function followJobs(
  cronJob: Readonly<CronJob>,
  jobs: readonly Readonly<Job>[],
  status: CronJobStatus,
  cluster: Pick<Cluster, 'events' | 'get'>,
): CronJobStatus {
  const { events } = cluster;
  let next = status;
  for (const job of jobs) {
    const { name, uid } = job.metadata;
    const isListed = next.active?.some((one) => one.uid === uid) === true;
    const finish = finishOf(job);
    if (finish === undefined) {
      if (isListed) continue;
      const message = `Saw a job that the controller did not create or forgot: ${name}`;
      events.record(cronJob, 'Warning', 'UnexpectedJob', message);
      continue;
    }
    if (isListed) {
      next = without(next, job);
      events.record(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${finish.type}`);
    }
    if (finish.type === 'Complete') next = withSuccess(next, job.status?.completionTime);
  }
  for (const { namespace, name = '', uid } of next.active ?? []) {
    if (
      jobs.some(({ metadata }) => metadata.uid === uid) ||
      cluster.get(Jobs, { namespace, name })?.metadata.uid === uid
    )
      continue;
    events.record(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`);
    next = without(next, { metadata: { name, uid } });
  }
  return next;
}

export function without({ active, ...rest }: CronJobStatus, job: Pick<Job, 'metadata'>): CronJobStatus {
  const left = active?.filter(({ uid }) => uid !== job.metadata.uid) ?? [];
  return { ...rest, ...(left.length > 0 && { active: left }) };
}

function withSuccess(status: CronJobStatus, completionTime: string | undefined): CronJobStatus {
  const before = parseTime(status.lastSuccessfulTime) ?? -Infinity;
  const isNewer = (parseTime(completionTime) ?? -Infinity) > before;
  return isNewer ? { ...status, lastSuccessfulTime: completionTime } : status;
}

/** Those that never started last. */
function olderFirst(a: Readonly<Job>, b: Readonly<Job>): number {
  const start = ({ status }: Readonly<Job>): number => parseTime(status?.startTime) ?? Infinity;
  if (start(a) !== start(b)) return start(a) < start(b) ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
