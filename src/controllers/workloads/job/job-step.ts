import type { Job, JobCondition, JobStatus } from '../../../api/batch/v1/types.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import type { Cluster } from '../../../reconciler/controller.ts';
import { isReady } from '../../pod-state.ts';
import type { FailureRecord } from './failure-backoff.ts';
import type { Tally } from './job-tally.ts';
import { verdictByCompletions, verdictOf, withCondition, type Verdict } from './job-verdict.ts';
import { planPods } from './pod-plan.ts';
import { createPods, removePods, type Done } from './pod-writes.ts';

/** What was done about the pods of a job, and what there is to say of it. */
export interface Step {
  /** Without what the pods that have ended change. */
  readonly status: JobStatus;
  readonly verdict: Verdict | undefined;
  /** Of the job being suspended or going on; told when the status is written. */
  readonly event?: { readonly reason: string; readonly message: string };
  readonly againAfterMs?: number;
  readonly error?: unknown;
}

/** Makes and removes pods until the job has those that it should have, or none any more. */
export async function takeStep(
  job: Readonly<Job>,
  tally: Tally,
  record: FailureRecord,
  cluster: Cluster,
): Promise<Step> {
  const now = cluster.clock.now();
  const verdict = verdictOf(job, tally, now);
  if (verdict !== undefined) {
    const done = await removePods(job, tally.active, 'held', cluster);
    const status = statusAfter(job, tally, done);
    // While some of its pods may still run, a job has not ended.
    return { status, verdict: done.error === undefined ? verdict : undefined, error: done.error };
  }
  if (job.metadata.deletionTimestamp !== undefined) {
    const status = statusAfter(job, tally, { created: 0, removed: [] });
    return { status, verdict: verdictByCompletions(job, tally.succeeded, tally.active.length) };
  }
  const plan = planPods(job, tally, record, now);
  const done =
    plan.remove.length > 0
      ? await removePods(job, plan.remove, 'released', cluster)
      : await createPods(job, plan.create, tally.toReplace, cluster);
  const status = statusAfter(job, tally, done);
  const rest = { error: done.error, ...(plan.againAfterMs !== undefined && { againAfterMs: plan.againAfterMs }) };
  const completed = verdictByCompletions(job, tally.succeeded, status.active ?? 0);
  return completed === undefined
    ? { ...withSuspension(job, status, now), ...rest, verdict: undefined }
    : { ...rest, status, verdict: completed };
}

/** The counts of pods that run, after some were made or removed. */
function statusAfter(job: Readonly<Job>, tally: Tally, { created, removed }: Done): JobStatus {
  const { active: _, ...status } = job.status ?? {};
  const running = tally.active.length + created - removed.length;
  const ready = tally.active.filter((pod) => !removed.includes(pod) && isReady(pod)).length;
  return {
    ...status,
    ...(running > 0 && { active: running }),
    ready,
    terminating: tally.terminating.length + removed.length,
  };
}

function withSuspension(job: Readonly<Job>, status: JobStatus, now: number): Pick<Step, 'status' | 'event'> {
  const suspended = job.spec.suspend === true;
  const [reason, message] = suspended ? ['Suspended', 'Job suspended'] : ['Resumed', 'Job resumed'];
  const before = status.conditions ?? [];
  const condition = { type: 'Suspended', status: suspended ? 'True' : 'False', reason: `Job${reason}`, message };
  const conditions = withCondition(before, condition, now);
  if (conditions === before) return { status };
  const { startTime: _, ...rest } = status;
  const start = suspended ? {} : { startTime: rfc3339(now) };
  return { status: { ...rest, ...start, conditions: conditions as JobCondition[] }, event: { reason, message } };
}
