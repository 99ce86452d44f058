import type { PersistentVolume } from '../api/core/v1/types.ts';
import { annotations } from '../api/core/volume-binding.ts';
import { localProvisioner } from '../api/storage/local-provisioner.ts';
import { addQuantities, parseQuantity, quantityToNumber, zeroQuantity } from '../apimachinery/quantity.ts';

/** Which label ties a volume to its node. */
export const nodeLabel = 'kubernetes.io/hostname';

/** Whether the volume was made here, on this node. */
export function isOwn({ metadata, spec }: Readonly<PersistentVolume>, node: string): boolean {
  if (metadata.annotations?.[annotations.provisionedBy] !== localProvisioner || spec.local === undefined) return false;
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.some(({ matchExpressions = [] }) =>
    matchExpressions.some(({ key, values = [] }) => key === nodeLabel && values.includes(node)),
  );
}

/** What the volumes of this node may hold together, in bytes. */
export function promisedBytes(volumes: readonly Readonly<PersistentVolume>[], node: string): number {
  const sum = volumes
    .filter((volume) => isOwn(volume, node))
    .reduce((so, { spec }) => addQuantities(so, parseQuantity(spec.capacity?.['storage'] ?? '0')), zeroQuantity);
  return quantityToNumber(sum);
}
