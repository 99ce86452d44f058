import { claimNameOf, isMadeFor } from '../../api/core/pod-claims.ts';
import {
  PersistentVolumeClaims,
  PersistentVolumes,
  type PersistentVolumeSpec,
  type Pod,
  type Volume,
} from '../../api/core/v1/types.ts';
import { isBound } from '../../api/core/volume-binding.ts';
import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { containersOf } from '../pods/pod-containers.ts';
import { VolumeError } from './payload.ts';

/** An older form of `mountOptions`. */
const mountOptionsAnnotation = 'volume.beta.kubernetes.io/mount-options';

/** Reads an object from the server; `undefined`: there is none. */
export type ReadObject = <T extends KubeObject>(
  type: ResourceType<T>,
  key: ObjectKey,
) => Promise<Readonly<T> | undefined>;

/** The volume behind a claim. */
export interface ClaimedVolume {
  readonly spec: Readonly<PersistentVolumeSpec>;
  readonly readOnly: boolean;
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
  const claim = await read(PersistentVolumeClaims, { namespace, name });
  const shown = `PVC ${namespace}/${name}`;
  if (claim === undefined) throw new VolumeError(`persistentvolumeclaim "${name}" not found`);
  if (volume.ephemeral !== undefined && !isMadeFor(claim, pod))
    throw new VolumeError(`${shown} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`);
  if (claim.status?.phase !== 'Bound' || !isBound(claim)) throw new VolumeError(`${shown} is not bound`);
  const found = await read(PersistentVolumes, { name: claim.spec.volumeName! });
  if (found === undefined) throw new VolumeError(`persistentvolume "${claim.spec.volumeName}" not found`);
  if (found.spec.claimRef?.uid !== claim.metadata.uid)
    throw new VolumeError(`${shown} and PV ${found.metadata.name} are not bound to each other`);
  refuseUse(pod, volume.name, found.spec.volumeMode ?? 'Filesystem');
  if (found.spec.volumeMode === 'Block') throw new VolumeError(`${shown} is a block volume, which is not supported`);
  const options = found.metadata.annotations?.[mountOptionsAnnotation] ?? found.spec.mountOptions?.join(',') ?? '';
  if (options !== '') throw new VolumeError('Mount options are not supported for this volume type');
  return { spec: found.spec, readOnly: volume.persistentVolumeClaim?.readOnly ?? false };
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
