import type { PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { storageClassOf } from '../../api/core/storage-class-of.ts';
import { StorageClasses } from '../../api/storage/v1/types.ts';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

/** Claims may only grow when they are bound, and where their class says that volumes can. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate(request, context) {
    if (request.operation !== 'UPDATE' || !isFor(request, '/persistentvolumeclaims')) return;
    const claim = request.object as PersistentVolumeClaim;
    const old = request.old as Readonly<PersistentVolumeClaim>;
    if (compareQuantities(sizeOf(claim), sizeOf(old)) <= 0) return;
    if (old.status?.phase !== 'Bound')
      throw notAdmitted(request, 'Only bound persistent volume claims can be expanded');
    const name = storageClassOf(claim);
    const known = name !== '' && name === storageClassOf(old) ? context.lookup(StorageClasses, { name }) : undefined;
    if (known?.allowVolumeExpansion !== true)
      throw notAdmitted(
        request,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
  },
};

function sizeOf({ spec }: Readonly<PersistentVolumeClaim>): ReturnType<typeof parseQuantity> {
  return parseQuantity(spec.resources?.requests?.['storage'] ?? '0');
}
