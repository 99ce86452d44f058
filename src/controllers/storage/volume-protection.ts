import { PersistentVolumes, type PersistentVolume } from '../../api/core/v1/types.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from './finalizers.ts';

const finalizer = 'kubernetes.io/pv-protection';

/** Lets a deleted volume go when it is bound to no claim any more. */
export const volumeProtectionController: Controller<PersistentVolume> = {
  name: 'pv-protection-controller',
  for: PersistentVolumes,

  async reconcile(key, cluster) {
    const volume = cluster.get(PersistentVolumes, key);
    if (volume === undefined) return settled;
    const isProtected = hasFinalizer(volume, finalizer);
    if (volume.metadata.deletionTimestamp === undefined) {
      if (!isProtected) await cluster.update(PersistentVolumes, withFinalizer(volume, finalizer));
    } else if (isProtected && volume.status?.phase !== 'Bound')
      await cluster.update(PersistentVolumes, withoutFinalizer(volume, finalizer));
    return settled;
  },
};
