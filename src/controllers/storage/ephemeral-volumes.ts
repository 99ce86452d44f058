import { claimNameOf, isMadeFor } from '../../api/core/pod-claims.ts';
import {
  PersistentVolumeClaims,
  Pods,
  type PersistentVolumeClaim,
  type Pod,
  type Volume,
} from '../../api/core/v1/types.ts';
import { controllerOf } from '../../apimachinery/object.ts';
import { errorText } from '../../base/error-text.ts';
import { settled, type Cluster, type Controller } from '../../reconciler/controller.ts';

/** Makes the claims that pods describe in place; they belong to their pod and go with it. */
export const ephemeralVolumeController: Controller<Pod> = {
  name: 'ephemeral_volume',
  identity: 'ephemeral-volume-controller',
  watches: [
    { type: Pods, wakes: (pod: Readonly<Pod>) => (volumesOf(pod).length > 0 ? [pod.metadata] : []) },
    {
      type: PersistentVolumeClaims,
      wakes: (claim: Readonly<PersistentVolumeClaim>) => {
        const owner = controllerOf(claim);
        return owner?.kind === 'Pod' ? [{ namespace: claim.metadata.namespace!, name: owner.name }] : [];
      },
    },
  ],

  async reconcile(key, cluster) {
    const pod = cluster.get(Pods, key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return settled;
    for (const volume of volumesOf(pod)) {
      try {
        await makeClaim(pod, volume, cluster);
      } catch (error) {
        const text = errorText(error);
        cluster.events.record(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume.name}: ${text}`);
        throw error;
      }
    }
    return settled;
  },
};

function volumesOf({ spec }: Readonly<Pod>): readonly Volume[] {
  return spec.volumes?.filter(({ ephemeral }) => ephemeral?.volumeClaimTemplate !== undefined) ?? [];
}

async function makeClaim(pod: Readonly<Pod>, volume: Volume, cluster: Cluster): Promise<void> {
  const { namespace = '', name: podName } = pod.metadata;
  const name = claimNameOf(podName, volume)!;
  const there = cluster.get(PersistentVolumeClaims, { namespace, name });
  if (there !== undefined) {
    if (isMadeFor(there, pod)) return;
    throw new Error(`PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`);
  }
  const { metadata, spec } = volume.ephemeral!.volumeClaimTemplate!;
  const { labels, annotations } = metadata ?? {};
  const claim = { metadata: { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) }, spec };
  await cluster.create(PersistentVolumeClaims, claim, { owner: pod });
}
