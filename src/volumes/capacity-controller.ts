import { Nodes, PersistentVolumes, type PersistentVolume } from '../api/core/v1/types.ts';
import { localProvisioner } from '../api/storage/local-provisioner.ts';
import {
  CSIStorageCapacities,
  StorageClasses,
  type CSIStorageCapacity,
  type StorageClass,
} from '../api/storage/v1/types.ts';
import { settled, type Cluster, type Controller } from '../reconciler/controller.ts';
import { isOwn, nodeLabel, promisedBytes } from './own-volumes.ts';
import type { VolumeFolders } from './volume-folders.ts';

const namespace = 'kube-system';
const mebibyte = 2 ** 20;

/** Tells the scheduler how much room this node has for volumes of each class that is made here. */
export function capacityController(node: string, folders: VolumeFolders): Controller<StorageClass> {
  return {
    name: `${localProvisioner}_${node}`,
    for: StorageClasses,
    watches: [
      {
        type: PersistentVolumes,
        wakes: (volume: Readonly<PersistentVolume>) =>
          isOwn(volume, node) ? [{ name: volume.spec.storageClassName ?? '' }] : [],
      },
    ],
    reads: [CSIStorageCapacities],

    async reconcile({ name }, cluster) {
      const key = { namespace, name: `${name}-${node}` };
      const told = cluster.get(CSIStorageCapacities, key);
      if (cluster.get(StorageClasses, { name })?.provisioner !== localProvisioner) {
        if (told !== undefined && name !== '') await cluster.delete(CSIStorageCapacities, told);
        return settled;
      }
      const free = (await folders.capacity()) - promisedBytes(cluster.list(PersistentVolumes), node);
      const capacity = `${Math.max(0, Math.floor(free / mebibyte))}Mi`;
      if (told?.capacity === capacity) return settled;
      if (told !== undefined) await cluster.update(CSIStorageCapacities, { ...told, capacity });
      else await cluster.create(CSIStorageCapacities, await capacityOf(key.name, name, capacity, cluster));
      return settled;
    },
  };

  /** It goes with the node. */
  async function capacityOf(
    name: string,
    storageClassName: string,
    capacity: string,
    cluster: Cluster,
  ): Promise<CSIStorageCapacity> {
    const { metadata } = await cluster.client.get(Nodes, { name: node });
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: node, uid: metadata.uid! }];
    return {
      metadata: { namespace, name, ownerReferences },
      storageClassName,
      capacity,
      nodeTopology: { matchLabels: { [nodeLabel]: node } },
    };
  }
}
