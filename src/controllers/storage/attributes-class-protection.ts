import { PersistentVolumeClaims, PersistentVolumes } from '../../api/core/v1/types.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { VolumeAttributesClasses, type VolumeAttributesClass } from '../../api/storage/v1/types.ts';
import type { ObjectKey } from '../../apimachinery/object.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from './finalizers.ts';

const finalizer = 'kubernetes.io/vac-protection';

/** Lets a deleted class of attributes go when no claim or volume names it any more. */
export const attributesClassProtectionController: Controller<VolumeAttributesClass> = {
  name: 'volumeattributesclass-protection-controller',
  for: VolumeAttributesClasses,
  watches: [
    { type: PersistentVolumeClaims, wakes: (claim, _cluster, old) => keysOf([...ofClaim(claim), ...ofClaim(old)]) },
    { type: PersistentVolumes, wakes: (volume, _cluster, old) => keysOf([...ofVolume(volume), ...ofVolume(old)]) },
  ],

  async reconcile(key, cluster) {
    const object = cluster.get(VolumeAttributesClasses, key);
    if (object === undefined) return settled;
    const isProtected = hasFinalizer(object, finalizer);
    if (object.metadata.deletionTimestamp === undefined) {
      if (!isProtected) await cluster.update(VolumeAttributesClasses, withFinalizer(object, finalizer));
      return settled;
    }
    if (!isProtected) return settled;
    const isUsed =
      cluster.list(PersistentVolumes).some((volume) => ofVolume(volume).includes(key.name)) ||
      cluster.list(PersistentVolumeClaims).some((claim) => ofClaim(claim).includes(key.name));
    if (!isUsed) await cluster.update(VolumeAttributesClasses, withoutFinalizer(object, finalizer));
    return settled;
  },
};

/** The classes that a claim wants, has, or is on its way to. */
function ofClaim(claim: Readonly<PersistentVolumeClaim> | undefined): readonly (string | undefined)[] {
  if (claim === undefined) return [];
  const { currentVolumeAttributesClassName, modifyVolumeStatus } = claim.status ?? {};
  return [
    claim.spec.volumeAttributesClassName,
    currentVolumeAttributesClassName,
    modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
}

function ofVolume(volume: Readonly<PersistentVolume> | undefined): readonly (string | undefined)[] {
  return volume === undefined ? [] : [volume.spec.volumeAttributesClassName];
}

function keysOf(names: readonly (string | undefined)[]): ObjectKey[] {
  return names.flatMap((name) => (name ? [{ name }] : []));
}
