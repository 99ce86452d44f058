import { claimNameOf, isMadeFor } from '../../api/core/pod-claims.ts';
import {
  PersistentVolumeClaims,
  PersistentVolumes,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type Volume,
} from '../../api/core/v1/types.ts';
import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { containersOf } from '../pods/pod-containers.ts';
import { VolumeError } from './payload.ts';

const protection = 'kubernetes.io/pvc-protection';

/** Reads an object from the server; `undefined`: there is none. */
export type ReadObject = <T extends KubeObject>(
  type: ResourceType<T>,
  key: ObjectKey,
) => Promise<Readonly<T> | undefined>;

/** A claim and the volume behind it. */
export interface ClaimedVolume {
  readonly claim: Readonly<PersistentVolumeClaim>;
  readonly volume: Readonly<PersistentVolume>;
}

/** What the pod's volume stands for, if it is a claim. Rejects with {@link VolumeError}. */
export async function claimedVolume(
  pod: Readonly<Pod>,
  volume: Volume,
  read: ReadObject,
): Promise<ClaimedVolume | undefined> {
  const name = claimNameOf(pod.metadata.name, volume);
  if (name === undefined) return undefined;
  const { namespace = '' } = pod.metadata;
  const refuse = (text: string) => new VolumeError(`error processing PVC ${namespace}/${name}: ${text}`);
  const claim = await read(PersistentVolumeClaims, { namespace, name });
  if (claim === undefined)
    throw refuse(`failed to fetch PVC from API server: persistentvolumeclaims ${JSON.stringify(name)} not found`);
  const { deletionTimestamp, finalizers = [], uid } = claim.metadata;
  if (deletionTimestamp !== undefined && !finalizers.includes(protection)) throw refuse('PVC is being deleted');
  if (claim.status?.phase !== 'Bound') throw refuse('PVC is not bound');
  const { volumeName = '' } = claim.spec;
  if (volumeName === '') throw refuse('PVC has empty pvc.Spec.VolumeName');
  if (volume.ephemeral !== undefined && !isMadeFor(claim, pod))
    throw new VolumeError(
      `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`,
    );
  const found = await read(PersistentVolumes, { name: volumeName });
  if (found === undefined)
    throw refuse(
      `failed to fetch PV ${volumeName} from API server: persistentvolumes ${JSON.stringify(volumeName)} not found`,
    );
  const { claimRef } = found.spec;
  if (claimRef === undefined)
    throw refuse(
      `found PV object ${volumeName} but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim`,
    );
  if (claimRef.uid !== uid)
    throw refuse(
      `found PV object ${volumeName} but its pv.Spec.ClaimRef.UID ${claimRef.uid ?? ''} does not point to claim.UID ${uid}`,
    );
  refuseUse(pod, volume.name, found.spec.volumeMode ?? 'Filesystem');
  return { claim, volume: found };
}

/** A device is not mounted, and a file system is no device. */
function refuseUse(pod: Readonly<Pod>, name: string, mode: string): void {
  const specs = containersOf(pod).map(({ spec }) => spec);
  const isIn = (uses: readonly { readonly name: string }[] = []): boolean => uses.some((use) => use.name === name);
  const found = `volume ${name} has volumeMode ${mode}, but is specified in`;
  if (mode !== 'Filesystem' && specs.some(({ volumeMounts }) => isIn(volumeMounts)))
    throw new VolumeError(`${found} volumeMounts`);
  if (mode !== 'Block' && specs.some(({ volumeDevices }) => isIn(volumeDevices)))
    throw new VolumeError(`${found} volumeDevices`);
}
