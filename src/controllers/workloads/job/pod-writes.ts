import type { Job } from '../../../api/batch/v1/types.ts';
import { Pods, type Pod } from '../../../api/core/v1/types.ts';
import { keyOf } from '../../../apimachinery/object.ts';
import { isStatus } from '../../../apimachinery/status.ts';
import type { Cluster } from '../../../reconciler/controller.ts';
import { createPod, deletePod } from '../pod-control.ts';
import { slowStart } from '../slow-start.ts';
import { jobPod } from './job-pod.ts';
import { isTracked, trackingFinalizer } from './job-tally.ts';

/** What became of a plan for the pods of a job. */
export interface Done {
  readonly created: number;
  readonly removed: readonly Readonly<Pod>[];
  /** The first failure, for another attempt. */
  readonly error?: unknown;
}

export async function createPods(
  job: Readonly<Job>,
  indexes: readonly (number | undefined)[],
  toReplace: ReadonlyMap<number, Readonly<Pod>>,
  cluster: Cluster,
): Promise<Done> {
  let created = 0;
  try {
    await slowStart(indexes.length, async (at) => {
      const index = indexes[at];
      const pod = jobPod(job, index, index === undefined ? undefined : toReplace.get(index));
      if (await createPod(cluster, job, pod)) created++;
    });
    return { created, removed: [] };
  } catch (error) {
    return { created, removed: [], error };
  }
}

/** Deletes pods. Those that are `released` are never counted: the job does not want them any more. */
export async function removePods(
  job: Readonly<Job>,
  pods: readonly Readonly<Pod>[],
  how: 'held' | 'released',
  cluster: Cluster,
): Promise<Done> {
  const removed: Readonly<Pod>[] = [];
  const results = await Promise.allSettled(
    pods.map(async (pod) => {
      if (how === 'released') await releasePod(pod, cluster);
      await deletePod(cluster, job, pod);
      removed.push(pod);
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  return { created: 0, removed, ...(failed && { error: failed.reason as unknown }) };
}

/** Takes the finalizer away; a pod that is gone has none. */
export async function releasePod(pod: Readonly<Pod>, cluster: Cluster): Promise<void> {
  if (!isTracked(pod)) return;
  const body = { metadata: { '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } };
  try {
    await cluster.patch(Pods, keyOf(pod), { type: 'strategic', body });
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}
