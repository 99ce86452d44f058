import { PersistentVolumes, type PersistentVolume } from '../api/core/v1/types.ts';
import { localProvisioner } from '../api/storage/local-provisioner.ts';
import { settled, type Controller } from '../reconciler/controller.ts';
import { isOwn } from './own-volumes.ts';
import type { VolumeFolders } from './volume-folders.ts';

/** Keeps a volume that is deleted until its folder is gone too (KEP-2644). */
export const finalizer = 'external-provisioner.volume.kubernetes.io/finalizer';

type Volume = Readonly<PersistentVolume>;

/** Removes what nobody claims any more, where the volume's policy says so: the folder first, then the object. */
export function reclaimingController(node: string, folders: VolumeFolders): Controller<PersistentVolume> {
  return {
    name: `${localProvisioner}_${node}`,
    watches: [
      {
        type: PersistentVolumes,
        wakes: (volume: Volume) => (isOwn(volume, node) && isOver(volume) ? [volume.metadata] : []),
      },
    ],

    async reconcile(key, cluster) {
      const volume = cluster.get(PersistentVolumes, key);
      if (volume === undefined || !isOwn(volume, node) || !isOver(volume)) return settled;
      if (volume.spec.persistentVolumeReclaimPolicy === 'Delete') await folders.remove(key.name);
      const finalizers = (volume.metadata.finalizers ?? []).filter((name) => name !== finalizer);
      if (volume.metadata.deletionTimestamp === undefined) await cluster.delete(PersistentVolumes, volume);
      else if (finalizers.length !== volume.metadata.finalizers?.length)
        await cluster.update(PersistentVolumes, { ...volume, metadata: { ...volume.metadata, finalizers } });
      return settled;
    },
  };
}

/** A volume that somebody deletes waits until it is not bound any more; one that is to be retained goes alone. */
function isOver({ metadata, spec, status }: Volume): boolean {
  if (status?.phase === 'Bound') return false;
  if (metadata.deletionTimestamp !== undefined) return metadata.finalizers?.includes(finalizer) === true;
  return status?.phase === 'Released' && spec.persistentVolumeReclaimPolicy === 'Delete';
}
