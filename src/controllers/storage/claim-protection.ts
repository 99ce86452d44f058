import { claimNameOf, isMadeFor } from '../../api/core/pod-claims.ts';
import { PersistentVolumeClaims, Pods, type PersistentVolumeClaim, type Pod } from '../../api/core/v1/types.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import { claimKeysOf } from './claim-keys.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from './finalizers.ts';

const finalizer = 'kubernetes.io/pvc-protection';

/** Lets a deleted claim go when no pod on a node uses it any more. */
export const claimProtectionController: Controller<PersistentVolumeClaim> = {
  name: 'pvc-protection-controller',
  for: PersistentVolumeClaims,
  watches: [
    {
      type: Pods,
      wakes: (pod: Readonly<Pod>, cluster) =>
        claimKeysOf(pod).filter(
          (key) => cluster.get(PersistentVolumeClaims, key)?.metadata.deletionTimestamp !== undefined,
        ),
    },
  ],

  async reconcile(key, cluster) {
    const claim = cluster.get(PersistentVolumeClaims, key);
    if (claim === undefined) return settled;
    const isProtected = hasFinalizer(claim, finalizer);
    if (claim.metadata.deletionTimestamp === undefined) {
      if (!isProtected) await cluster.update(PersistentVolumeClaims, withFinalizer(claim, finalizer));
      return settled;
    }
    const uses = (pod: Readonly<Pod>): boolean => isUsing(pod, claim);
    if (!isProtected || cluster.list(Pods, key.namespace).some(uses)) return settled;
    // A pod that came a moment ago may not be in the cache yet.
    const { items } = await cluster.client.list(Pods, { namespace: key.namespace });
    if (!items.some(uses)) await cluster.update(PersistentVolumeClaims, withoutFinalizer(claim, finalizer));
    return settled;
  },
};

/**
 * Pods without a node do not count: no node runs them with a claim that is being deleted. Nor does one whose end was
 * forced keep the claim that was made for it.
 */
function isUsing(pod: Readonly<Pod>, claim: Readonly<PersistentVolumeClaim>): boolean {
  const { metadata, spec } = pod;
  if (!spec.nodeName) return false;
  const isOver = metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
  return (spec.volumes ?? []).some(
    (volume) =>
      claimNameOf(metadata.name, volume) === claim.metadata.name &&
      (volume.ephemeral === undefined || (!isOver && isMadeFor(claim, pod))),
  );
}
