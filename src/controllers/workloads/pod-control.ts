import { Pods, type Pod } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { isNamespaceGoing } from '../../apimachinery/status.ts';
import { errorText } from '../../base/error-text.ts';
import type { Cluster } from '../../reconciler/controller.ts';

/**
 * Makes the pod for its owner, who tells of it. Nothing can be made in a namespace that is going: nobody hears of that,
 * but for the answer.
 */
export async function createPod(cluster: Cluster, owner: Readonly<KubeObject>, pod: Pod): Promise<boolean> {
  try {
    const made = await cluster.create(Pods, pod, { owner });
    cluster.events.record(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`);
    return true;
  } catch (error) {
    if (isNamespaceGoing(error)) return false;
    cluster.events.record(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
    throw error;
  }
}

/** Deletes the pods of an owner, all at once, who tells of it. Rejects with the first failure, after all were tried. */
export async function deletePods(
  cluster: Cluster,
  owner: Readonly<KubeObject>,
  pods: readonly Readonly<Pod>[],
): Promise<void> {
  const results = await Promise.allSettled(pods.map((pod) => deletePod(cluster, owner, pod)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Deletes a pod of an owner, who tells of it. */
export async function deletePod(cluster: Cluster, owner: Readonly<KubeObject>, pod: Readonly<Pod>): Promise<void> {
  try {
    await cluster.delete(Pods, pod);
    cluster.events.record(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  } catch (error) {
    cluster.events.record(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
    throw error;
  }
}

/** What to tell of an error. */
export function messageOf(error: unknown): string {
  return errorText(error);
}
