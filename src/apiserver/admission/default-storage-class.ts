import type { PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { classAnnotation } from '../../api/core/storage-class-of.ts';
import { defaultStorageClassOf } from '../../api/storage/default-class.ts';
import { StorageClasses } from '../../api/storage/v1/types.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isFor } from './refusal.ts';

/** A claim that says nothing about its class gets the default one, if there is one. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate(request, context) {
    if (request.operation !== 'CREATE' || !isFor(request, '/persistentvolumeclaims')) return;
    const { metadata, spec } = request.object as PersistentVolumeClaim;
    if (spec.storageClassName !== undefined || metadata.annotations?.[classAnnotation] !== undefined) return;
    const chosen = defaultStorageClassOf(context.scan(StorageClasses));
    if (chosen !== undefined) spec.storageClassName = chosen.metadata.name;
  },
};
