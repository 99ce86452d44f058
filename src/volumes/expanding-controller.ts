import { PersistentVolumeClaims, PersistentVolumes, type PersistentVolumeClaim } from '../api/core/v1/types.ts';
import { isBound } from '../api/core/volume-binding.ts';
import { localProvisioner } from '../api/storage/local-provisioner.ts';
import { compareQuantities, parseQuantity, quantityToNumber } from '../apimachinery/quantity.ts';
import { settled, type Controller } from '../reconciler/controller.ts';
import { isOwn, promisedBytes } from './own-volumes.ts';
import type { VolumeFolders } from './volume-folders.ts';

type Claim = Readonly<PersistentVolumeClaim>;

/** Lets a volume of this node hold more when its claim asks for that. A folder grows by itself: there must be room. */
export function expandingController(node: string, folders: VolumeFolders): Controller<PersistentVolumeClaim> {
  return {
    name: `external-resizer ${localProvisioner}`,
    watches: [{ type: PersistentVolumeClaims, wakes: (claim: Claim) => (isToGrow(claim) ? [claim.metadata] : []) }],
    reads: [PersistentVolumes],

    async reconcile(key, cluster) {
      const claim = cluster.get(PersistentVolumeClaims, key);
      if (claim === undefined || !isToGrow(claim)) return settled;
      const volume = cluster.get(PersistentVolumes, { name: claim.spec.volumeName! });
      if (volume === undefined || !isOwn(volume, node)) return settled;
      const { name } = volume.metadata;
      const wanted = claim.spec.resources!.requests!['storage']!;
      const has = parseQuantity(volume.spec.capacity?.['storage'] ?? '0');
      if (compareQuantities(parseQuantity(wanted), has) > 0) {
        const more = quantityToNumber(parseQuantity(wanted)) - quantityToNumber(has);
        const free = (await folders.capacity()) - promisedBytes(cluster.list(PersistentVolumes), node);
        if (more > free) {
          const text = `resize volume "${name}" by resizer "${localProvisioner}" failed: node "${node}" has no room for ${wanted}`;
          cluster.events.record(claim, 'Warning', 'VolumeResizeFailed', text);
          return settled;
        }
        cluster.events.record(claim, 'Normal', 'Resizing', `External resizer is resizing volume ${name}`);
        await cluster.update(PersistentVolumes, {
          ...volume,
          spec: { ...volume.spec, capacity: { ...volume.spec.capacity, storage: wanted } },
        });
      }
      const capacity = { ...claim.status?.capacity, storage: wanted };
      await cluster.updateStatus(PersistentVolumeClaims, claim, { ...claim.status, capacity });
      cluster.events.record(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded');
      return settled;
    },
  };
}

function isToGrow(claim: Claim): boolean {
  const has = claim.status?.capacity?.['storage'];
  const wants = claim.spec.resources?.requests?.['storage'];
  if (has === undefined || wants === undefined || !isBound(claim)) return false;
  return compareQuantities(parseQuantity(wants), parseQuantity(has)) > 0;
}
