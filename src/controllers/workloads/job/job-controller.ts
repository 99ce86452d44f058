import { Jobs, type Job } from '../../../api/batch/v1/types.ts';
import { Pods, type Pod } from '../../../api/core/v1/types.ts';
import { controllerOf, keyText, type ObjectKey } from '../../../apimachinery/object.ts';
import { labelSelectorMatcher } from '../../../apimachinery/selectors/label-selector.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import {
  againAfter,
  settled,
  type Cluster,
  type ClusterReader,
  type Controller,
  type Outcome,
} from '../../../reconciler/controller.ts';
import { applyClaims, planClaims } from '../claims.ts';
import { finishOf, isManagedElsewhere } from '../job-conditions.ts';
import { noFailures, recordAfter, type FailureRecord } from './failure-backoff.ts';
import { takeStep } from './job-step.ts';
import { tallyOf, trackingFinalizer } from './job-tally.ts';
import { untilDeadline } from './job-verdict.ts';
import { recordStep } from './record-step.ts';

/** Runs the pods of jobs until enough have succeeded or too many have failed, and counts each once. */
export function jobController(): Controller<Job> {
  /** Failures by key, of jobs that are not over: how long to wait is not worth a place in the status. */
  const records = new Map<string, FailureRecord>();
  return {
    name: 'job-controller',
    for: Jobs,
    owns: [Pods],
    watches: [{ type: Pods, wakes: jobsThatSelect }],
    concurrency: 5,
    paced: true,

    async reconcile(key, cluster) {
      const job = cluster.get(Jobs, key);
      const name = keyText(key);
      if (job === undefined || finishOf(job) !== undefined) {
        records.delete(name);
        return settled;
      }
      if (isManagedElsewhere(job)) return settled;
      const now = cluster.clock.now();
      const begun = withStart(job, now);
      const tally = tallyOf(begun, await podsOf(job, cluster));
      const record = recordAfter(records.get(name) ?? noFailures, tally.newlySucceeded, tally.newlyFailed);
      const step = await takeStep(begun, tally, record, cluster);
      await recordStep(job, tally, step, cluster, () => records.set(name, record));
      if (step.error !== undefined) throw step.error;
      // What ends a job wakes it by itself.
      return step.verdict === undefined ? nextTime(step.againAfterMs, untilDeadline(begun, now)) : settled;
    },
  };
}

/** A job's time counts from its start, and anew when it goes on after having been suspended. */
function withStart(job: Readonly<Job>, now: number): Readonly<Job> {
  if (job.spec.suspend === true || job.status?.startTime !== undefined) return job;
  return { ...job, status: { ...job.status, startTime: rfc3339(now) } };
}

async function podsOf(job: Readonly<Job>, cluster: Cluster): Promise<readonly Readonly<Pod>[]> {
  const candidates = [...cluster.ownedBy(job, Pods), ...cluster.orphans(Pods, job.metadata.namespace)];
  const claims = planClaims(job, labelSelectorMatcher(job.spec.selector), candidates);
  return applyClaims(cluster, Pods, Jobs, job, claims, [trackingFinalizer]);
}

function jobsThatSelect(pod: Readonly<Pod>, cluster: ClusterReader): readonly ObjectKey[] {
  if (controllerOf(pod) !== undefined) return [];
  const jobs = cluster.list(Jobs, pod.metadata.namespace);
  return jobs
    .filter(({ spec }) => labelSelectorMatcher(spec.selector)(pod.metadata.labels))
    .map(({ metadata }) => metadata);
}

function nextTime(...waits: (number | undefined)[]): Outcome {
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 ? settled : againAfter(Math.min(...known));
}
