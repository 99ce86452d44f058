import { isBound } from '../../api/core/volume-binding.ts';
import { PersistentVolumeClaims, type PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';

/** Says of a claim that is to grow that somebody else must do it: whoever made its volume. */
export const expansionController: Controller<PersistentVolumeClaim> = {
  name: 'volume_expand',
  identity: 'expand-controller',
  watches: [
    {
      type: PersistentVolumeClaims,
      wakes: (claim: Readonly<PersistentVolumeClaim>) => (isToGrow(claim) ? [claim.metadata] : []),
    },
  ],

  async reconcile(key, cluster) {
    const claim = cluster.get(PersistentVolumeClaims, key);
    if (claim !== undefined && isToGrow(claim))
      cluster.events.record(
        claim,
        'Normal',
        'ExternalExpanding',
        'waiting for an external controller to expand this PVC',
      );
    return settled;
  },
};

function isToGrow(claim: Readonly<PersistentVolumeClaim>): boolean {
  const has = claim.status?.capacity?.['storage'];
  const wants = claim.spec.resources?.requests?.['storage'];
  if (has === undefined || wants === undefined || !isBound(claim) || claim.status?.phase !== 'Bound') return false;
  return compareQuantities(parseQuantity(wants), parseQuantity(has)) > 0;
}
