import { localProvisioner } from '../api/storage/local-provisioner.ts';
import { CSIDrivers, StorageClasses } from '../api/storage/v1/types.ts';
import { isStatus } from '../apimachinery/status.ts';
import type { HttpTransport } from '../client/node/http-transport.ts';

/** The class of claims that name none, under the name that other local clusters give it. */
const standard = {
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: localProvisioner,
  volumeBindingMode: 'WaitForFirstConsumer',
  reclaimPolicy: 'Delete',
  allowVolumeExpansion: true,
};

/** Tells the scheduler that nodes say how much room they have. There is nothing to attach. */
const driver = {
  metadata: { name: localProvisioner },
  spec: { attachRequired: false, storageCapacity: true, fsGroupPolicy: 'File' },
};

/** Makes the default StorageClass of a new cluster, as its administrator. What is there is left as it is. */
export async function createStorageClass(api: Pick<HttpTransport, 'call'>): Promise<void> {
  for (const [type, body] of [
    [CSIDrivers, driver],
    [StorageClasses, standard],
  ] as const)
    try {
      await api.call({ verb: 'create', type, body });
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
    }
}
