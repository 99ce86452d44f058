import { Jobs, type Job, type JobCondition, type JobStatus } from '../../../api/batch/v1/types.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import type { Cluster } from '../../../reconciler/controller.ts';
import type { Step } from './job-step.ts';
import type { Tally } from './job-tally.ts';
import { withCondition, type Verdict } from './job-verdict.ts';
import { countReleased, heldBy, planCounting } from './pod-counting.ts';
import { releasePod } from './pod-writes.ts';

/**
 * Writes what a step has come to: the status with the uids of pods that have ended and with the aim of the job, if it
 * has one; then, with their finalizers gone, the counts and how the job has ended. `onCounted` is called when the first
 * is written: the new failures are known then.
 */
export async function recordStep(
  job: Readonly<Job>,
  tally: Tally,
  { status, verdict, event }: Step,
  cluster: Cluster,
  onCounted: () => void,
): Promise<void> {
  const now = cluster.clock.now();
  const counting = planCounting(job, tally, verdict, status);
  const written = await cluster.updateStatus(Jobs, job, withAim(counting.status, verdict, now));
  onCounted();
  if (event !== undefined) cluster.events.record(job, 'Normal', event.reason, event.message);

  const held = heldBy(tally.pods);
  const results = await Promise.allSettled(
    counting.release.map(async (pod) => {
      await releasePod(pod, cluster);
      held.delete(pod.metadata.uid ?? '');
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  const counted = countReleased(written.status ?? {}, held);
  const ends = verdict !== undefined && failed === undefined && counting.isAll && isAtRest(counted);
  await cluster.updateStatus(Jobs, written, ends ? withEnd(counted, verdict, now) : counted);
  if (failed !== undefined) throw failed.reason;
  if (ends) tellEnd(job, counted, verdict, cluster);
}

/** Every pod is counted, and none is still on its way out. */
function isAtRest({ terminating = 0, uncountedTerminatedPods: { succeeded, failed } = {} }: JobStatus): boolean {
  return terminating === 0 && !succeeded?.length && !failed?.length;
}

function withAim(status: JobStatus, verdict: Verdict | undefined, now: number): JobStatus {
  if (verdict === undefined) return status;
  return withTrue(status, verdict.succeeds ? 'SuccessCriteriaMet' : 'FailureTarget', verdict, now);
}

function withEnd(status: JobStatus, verdict: Verdict, now: number): JobStatus {
  if (!verdict.succeeds) return withTrue(status, 'Failed', verdict, now);
  return { ...withTrue(status, 'Complete', verdict, now), completionTime: rfc3339(now) };
}

function withTrue(status: JobStatus, type: string, { reason, message }: Verdict, now: number): JobStatus {
  const conditions = withCondition(status.conditions ?? [], { type, status: 'True', reason, message }, now);
  return { ...status, conditions: conditions as JobCondition[] };
}

function tellEnd(job: Readonly<Job>, { succeeded = 0 }: JobStatus, verdict: Verdict, { events }: Cluster): void {
  if (!verdict.succeeds) {
    events.record(job, 'Warning', verdict.reason, verdict.message);
    return;
  }
  if (succeeded > (job.spec.completions ?? Infinity)) {
    const message = 'Too many succeeded pods running after completion count reached';
    events.record(job, 'Warning', 'TooManySucceededPods', message);
  }
  events.record(job, 'Normal', 'Completed', 'Job completed');
}
