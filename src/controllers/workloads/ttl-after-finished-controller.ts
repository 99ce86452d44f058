import { Jobs, type Job } from '../../api/batch/v1/types.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { parseTime } from '../../apimachinery/time.ts';
import { againAfter, settled, type Cluster, type Controller } from '../../reconciler/controller.ts';
import { finishOf } from './job-conditions.ts';

/** Deletes finished jobs, and their pods with them, when the time that they are kept is over. */
export const ttlAfterFinishedController: Controller<Job> = {
  name: 'ttl-after-finished-controller',
  for: Jobs,
  concurrency: 5,

  async reconcile(key, cluster) {
    const known = cluster.get(Jobs, key);
    const left = known && untilExpired(known, cluster.clock.now());
    if (left === undefined) return settled;
    if (left > 0) return againAfter(left);
    // Somebody may just have given it more time.
    const job = await fresh(known!, cluster);
    const now = job && untilExpired(job, cluster.clock.now());
    if (job === undefined || now === undefined) return settled;
    if (now > 0) return againAfter(now);
    await cluster.delete(Jobs, job, { propagationPolicy: 'Foreground' });
    return settled;
  },
};

/** Milliseconds, at least 0; none for a job that goes on, is kept for good, or is being deleted. */
function untilExpired(job: Readonly<Job>, now: number): number | undefined {
  const { ttlSecondsAfterFinished } = job.spec;
  const finished = parseTime(finishOf(job)?.lastTransitionTime);
  if (job.metadata.deletionTimestamp !== undefined || ttlSecondsAfterFinished === undefined || finished === undefined)
    return undefined;
  return Math.max(0, finished + ttlSecondsAfterFinished * 1000 - now);
}

async function fresh(job: Readonly<Job>, cluster: Cluster): Promise<Readonly<Job> | undefined> {
  try {
    return await cluster.client.get(Jobs, { namespace: job.metadata.namespace, name: job.metadata.name });
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}
