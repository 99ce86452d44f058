import { CronJobs, Jobs, type CronJob, type CronJobStatus, type Job } from '../../../api/batch/v1/types.ts';
import { controllerOf, keyText } from '../../../apimachinery/object.ts';
import { isNamespaceGoing, isStatus } from '../../../apimachinery/status.ts';
import { parseTime, rfc3339 } from '../../../apimachinery/time.ts';
import { againAfter, settled, type Cluster, type Controller, type Outcome } from '../../../reconciler/controller.ts';
import { messageOf } from '../pod-control.ts';
import { deleteJob, followJobs, trimHistory, without } from './active-jobs.ts';
import { namesZone, scheduleOf } from './cron-job-schedule.ts';
import { jobFor, jobName, referenceTo } from './job-of-minute.ts';
import { missedTimes, neverComes, untilNext } from './missed-times.ts';

/** Makes the jobs of CronJobs when their time has come. */
export function cronJobController(): Controller<CronJob> {
  /** The schedules that were seen, by key: one that was changed counts from its next time on. */
  const schedules = new Map<string, string>();
  return {
    name: 'cronjob-controller',
    for: CronJobs,
    owns: [Jobs],
    concurrency: 5,

    async reconcile(key, cluster) {
      const cronJob = cluster.get(CronJobs, key);
      const name = keyText(key);
      if (cronJob === undefined) {
        schedules.delete(name);
        return settled;
      }
      const { schedule, timeZone } = cronJob.spec;
      const text = JSON.stringify([schedule, timeZone]);
      const before = schedules.get(name) ?? text;
      schedules.set(name, text);
      if (before !== text) return waitForNext(cronJob, cluster);

      const jobs = cluster.ownedBy(cronJob, Jobs);
      const trimmed = await trimHistory(cronJob, jobs, cronJob.status ?? {}, cluster);
      const followed = followJobs(cronJob, jobs, trimmed, cluster);
      const started = await startJob(cronJob, followed, cluster);
      await cluster.updateStatus(CronJobs, cronJob, started.status);
      if (started.error !== undefined) throw started.error;
      return started.isWaiting ? waitForNext({ ...cronJob, status: started.status }, cluster) : settled;
    },
  };
}

function waitForNext(cronJob: Readonly<CronJob>, cluster: Cluster): Outcome {
  const schedule = scheduleOf(cronJob);
  if ('reason' in schedule) {
    const message = `unparseable schedule for cronjob: ${cronJob.spec.schedule}`;
    cluster.events.record(cronJob, 'Warning', 'UnParseableCronJobSchedule', message);
    return settled;
  }
  const wait = untilNext(cronJob, schedule, cluster.clock.now());
  return wait === undefined ? settled : againAfter(wait);
}

/** What a look at the clock has come to. */
interface Started {
  readonly status: CronJobStatus;
  /** Whether the next time is to be waited for. */
  readonly isWaiting: boolean;
  readonly error?: unknown;
}

/** Starts the job of the latest time that has come, unless something speaks against it. */
async function startJob(cronJob: Readonly<CronJob>, status: CronJobStatus, cluster: Cluster): Promise<Started> {
  const idle: Started = { status, isWaiting: false };
  const waiting: Started = { status, isWaiting: true };
  const say = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    cluster.events.record(cronJob, type, reason, message);
  const { metadata, spec } = cronJob;
  if (metadata.deletionTimestamp !== undefined) return idle;
  const schedule = scheduleOf(cronJob);
  if ('reason' in schedule && schedule.reason === 'UnknownTimeZone') {
    say('Warning', schedule.reason, schedule.message);
    return idle;
  }
  if (spec.suspend === true) return idle;
  if (namesZone(spec.schedule)) say('Warning', 'UnsupportedSchedule', zoneInSchedule(spec.schedule));
  if ('reason' in schedule) {
    say('Warning', schedule.reason, schedule.message);
    return idle;
  }
  const now = cluster.clock.now();
  const missed = missedTimes({ ...cronJob, status }, schedule, now, { withDeadline: true });
  if (missed === undefined) {
    say('Warning', 'InvalidSchedule', `invalid schedule: ${spec.schedule} : ${neverComes}`);
    return idle;
  }
  const time = missed.latest;
  if (time === undefined) return waiting;
  if (missed.count > 100) say('Warning', 'TooManyMissedTimes', tooMany);
  if (time + (spec.startingDeadlineSeconds ?? Infinity) * 1000 < now) {
    const when = new Date(time).toUTCString().replace('GMT', '+0000');
    say('Warning', 'MissSchedule', `Missed scheduled time to start a job: ${when}`);
    return waiting;
  }
  const active = status.active ?? [];
  if (active.some(({ name }) => name === jobName(cronJob, time)) || parseTime(status.lastScheduleTime) === time)
    return waiting;
  if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
    const why = 'prior execution is running and concurrency policy is Forbid';
    say('Normal', 'JobAlreadyActive', `Not starting job because ${why}`);
    return waiting;
  }
  return makeJob(cronJob, time, status, cluster);
}

async function makeJob(
  cronJob: Readonly<CronJob>,
  time: number,
  before: CronJobStatus,
  cluster: Cluster,
): Promise<Started> {
  let status = before;
  try {
    if (cronJob.spec.concurrencyPolicy === 'Replace')
      for (const { name = '' } of before.active ?? []) status = await removeJob(cronJob, name, status, cluster);
    const job = await createJob(cronJob, time, cluster);
    if (job === undefined || status.active?.some(({ uid }) => uid === job.metadata.uid) === true)
      return { status, isWaiting: false };
    const active = [...(status.active ?? []), referenceTo(job)];
    return { status: { ...status, active, lastScheduleTime: rfc3339(time) }, isWaiting: true };
  } catch (error) {
    return { status, isWaiting: false, error };
  }
}

async function removeJob(
  cronJob: Readonly<CronJob>,
  name: string,
  status: CronJobStatus,
  cluster: Cluster,
): Promise<CronJobStatus> {
  const { namespace } = cronJob.metadata;
  let job: Readonly<Job>;
  try {
    job = await cluster.client.get(Jobs, { namespace, name });
  } catch (error) {
    cluster.events.record(cronJob, 'Warning', 'FailedGet', `Get job: ${messageOf(error)}`);
    throw error;
  }
  if (!(await deleteJob(cronJob, job, cluster))) throw new Error(`could not replace job ${namespace}/${name}`);
  return without(status, job);
}

/** The job, made now or before; nothing if another's has its name. */
async function createJob(cronJob: Readonly<CronJob>, time: number, cluster: Cluster): Promise<Job | undefined> {
  const wanted = jobFor(cronJob, time);
  try {
    const job = await cluster.create(Jobs, wanted, { owner: cronJob });
    cluster.events.record(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
    return job;
  } catch (error) {
    if (isStatus(error, 'AlreadyExists')) {
      const there = await cluster.client.get(Jobs, wanted.metadata);
      return controllerOf(there)?.uid === cronJob.metadata.uid ? there : undefined;
    }
    // Nothing can be made in a namespace that is going, and nobody needs to hear of it.
    if (!isNamespaceGoing(error))
      cluster.events.record(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`);
    throw error;
  }
}

const tooMany = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';

function zoneInSchedule(schedule: string): string {
  return `CRON_TZ or TZ used in schedule ${JSON.stringify(schedule)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`;
}
