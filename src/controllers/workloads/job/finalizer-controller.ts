import { Jobs, type Job } from '../../../api/batch/v1/types.ts';
import { Pods, type Pod } from '../../../api/core/v1/types.ts';
import { controllerOf, type ObjectKey } from '../../../apimachinery/object.ts';
import { isStatus } from '../../../apimachinery/status.ts';
import { refersTo } from '../../../reconciler/cluster-view.ts';
import { settled, type Cluster, type ClusterReader, type Controller } from '../../../reconciler/controller.ts';
import { finishOf, isManagedElsewhere } from '../job-conditions.ts';
import { isTracked } from './job-tally.ts';
import { releasePod } from './pod-writes.ts';

/** Frees pods of the job finalizer that no job will count any more: it is gone or over, or has let go of the pod. */
export const jobFinalizerController: Controller = {
  name: 'job-finalizer-controller',
  identity: 'job-controller',
  watches: [
    { type: Pods, wakes: ifLeftBehind },
    { type: Jobs, wakes: podsOfEnded },
  ],
  concurrency: 5,

  async reconcile(key, cluster) {
    const pod = cluster.get(Pods, key);
    if (pod !== undefined && isTracked(pod) && !(await willCount(pod, cluster))) await releasePod(pod, cluster);
    return settled;
  },
};

/** A new pod may be seen before its job; one that is deleted, or belongs to nobody, waits for none. */
function ifLeftBehind(pod: Readonly<Pod>, cluster: ClusterReader): readonly ObjectKey[] {
  if (!isTracked(pod)) return [];
  const isAlone = controllerOf(pod) === undefined;
  if (!isAlone && pod.metadata.deletionTimestamp === undefined) return [];
  const job = isAlone ? undefined : jobOf(pod, cluster);
  return job === undefined || finishOf(job) !== undefined ? [pod.metadata] : [];
}

function podsOfEnded(job: Readonly<Job>, cluster: ClusterReader): readonly ObjectKey[] {
  const present = cluster.get(Jobs, job.metadata);
  if (present?.metadata.uid === job.metadata.uid && finishOf(job) === undefined) return [];
  return cluster
    .ownedBy(job, Pods)
    .filter(isTracked)
    .map(({ metadata }) => metadata);
}

async function willCount(pod: Readonly<Pod>, cluster: Cluster): Promise<boolean> {
  const owner = controllerOf(pod);
  if (owner === undefined) return false;
  if (!refersTo(owner, Jobs)) return true;
  const job = jobOf(pod, cluster) ?? (await fetchJob(pod, cluster));
  return job !== undefined && (isManagedElsewhere(job) || finishOf(job) === undefined);
}

function jobOf(pod: Readonly<Pod>, cluster: ClusterReader): Readonly<Job> | undefined {
  const owner = controllerOf(pod);
  if (owner === undefined || !refersTo(owner, Jobs)) return undefined;
  const job = cluster.get(Jobs, { namespace: pod.metadata.namespace, name: owner.name });
  return job?.metadata.uid === owner.uid ? job : undefined;
}

/** The cache may be behind. */
async function fetchJob(pod: Readonly<Pod>, cluster: Cluster): Promise<Readonly<Job> | undefined> {
  const owner = controllerOf(pod)!;
  try {
    const job = await cluster.client.get(Jobs, { namespace: pod.metadata.namespace, name: owner.name });
    return job.metadata.uid === owner.uid ? job : undefined;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}
