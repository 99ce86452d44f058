import {
  compareQuantities,
  parseQuantity,
  quantityOf,
  quantityValue,
  type Quantity,
} from '../../../apimachinery/quantity.ts';
import type { PersistentVolumeClaim } from '../v1/types.ts';
import { one } from './amounts.ts';
import type { Counter } from './counter.ts';
import { matchesScope } from './scope-values.ts';

const bounded = ['persistentvolumeclaims', 'requests.storage'];
/** Between the name of a storage class and the resource that is counted for claims of that class. */
const ofClass = '.storageclass.storage.k8s.io/';

/** Claims count by themselves and with the storage that they ask for, in all and by storage class. */
export const claimCounter: Counter<PersistentVolumeClaim> = {
  counts: (name) =>
    name === 'count/persistentvolumeclaims' || bounded.some((each) => name === each || name.endsWith(ofClass + each)),

  isWithin: (claim, scope) =>
    scope.scopeName === 'VolumeAttributesClass' && matchesScope(scope, attributesClassesOf(claim)),

  usage(claim) {
    const { annotations = {} } = claim.metadata;
    const storageClass = annotations['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? '';
    const usage: Record<string, Quantity> = { persistentvolumeclaims: one, 'count/persistentvolumeclaims': one };
    const storage = storageOf(claim);
    if (storage !== undefined) usage['requests.storage'] = storage;
    if (storageClass !== '')
      for (const name of bounded) if (usage[name] !== undefined) usage[storageClass + ofClass + name] = usage[name];
    return usage;
  },

  changesBy: (subresource, claim, old) =>
    subresource === undefined || (subresource === 'status' && changedInStatus(claim, old)),

  frees: changedInStatus,
};

/** In whole bytes; what has been allocated already counts where it is more. */
function storageOf({ spec, status }: Readonly<PersistentVolumeClaim>): Quantity | undefined {
  const wanted = spec?.resources?.requests?.['storage'];
  if (wanted === undefined) return undefined;
  const allocated = status?.allocatedResources?.['storage'];
  const [first, second] = [parseQuantity(wanted), parseQuantity(allocated ?? '0')];
  const larger = compareQuantities(second, first) > 0 ? second : first;
  const whole = quantityOf(quantityValue(larger), larger.format);
  return compareQuantities(whole, larger) === 0 ? larger : whole;
}

function attributesClassesOf({ spec, status }: Readonly<PersistentVolumeClaim>): string[] {
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
}

function changedInStatus(claim: Readonly<PersistentVolumeClaim>, old: Readonly<PersistentVolumeClaim>): boolean {
  return (
    claim.status?.allocatedResources?.['storage'] !== old.status?.allocatedResources?.['storage'] ||
    attributesClassesOf(claim).sort().join() !== attributesClassesOf(old).sort().join()
  );
}
