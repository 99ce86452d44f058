import { Pods, type Pod, type PodCondition } from '../api/core/v1/types.ts';
import { keyOf } from '../apimachinery/object.ts';
import { isStatus } from '../apimachinery/status.ts';
import { rfc3339 } from '../apimachinery/time.ts';
import type { Cluster } from '../reconciler/controller.ts';

/** Deletes a pod that may have what others need, and says before in its status why. */
export async function evictPod(
  pod: Readonly<Pod>,
  why: Pick<PodCondition, 'reason' | 'message' | 'observedGeneration'>,
  cluster: Cluster,
): Promise<void> {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    ...why,
    lastTransitionTime: rfc3339(cluster.clock.now()),
  };
  const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
  try {
    await cluster.patch(Pods, keyOf(pod), { type: 'strategic', body }, { subresource: 'status' });
  } catch (error) {
    if (isStatus(error, 'NotFound')) return;
    throw error;
  }
  await cluster.delete(Pods, pod);
}
