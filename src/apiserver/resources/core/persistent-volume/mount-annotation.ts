import type { PersistentVolume, PersistentVolumeSpec } from '../../../../api/core/v1/types.ts';
import { forbidden } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';

/** Options for `mount` in objects that are older than `mountOptions`. */
export const mountAnnotation = 'volume.beta.kubernetes.io/mount-options';

const mounted: readonly (keyof PersistentVolumeSpec)[] = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
];

/** Only what is mounted with options can have the annotation. */
export function checkMountAnnotation(errors: Errors, { metadata, spec }: Readonly<PersistentVolume>): void {
  if (metadata.annotations?.[mountAnnotation] === undefined || mounted.some((name) => spec[name] !== undefined)) return;
  errors.push(
    forbidden(`metadata.annotations.${mountAnnotation}`, 'may not specify mount options for this volume type'),
  );
}
