import { CSIStorageCapacities, type CSIStorageCapacity } from '../../../api/storage/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkDnsSubdomain, immutableField, type Errors } from '../checks.ts';
import { canonicalQuantity, isNegative } from '../core/pod-spec/quantities.ts';
import { checkLabelSelector, isUsableSelector } from '../label-selector.ts';

/** How much room a class has where some nodes can reach it, as its driver says (CSI). */
export const csiStorageCapacity: ResourceDefinition<CSIStorageCapacity> = {
  type: CSIStorageCapacities,

  strategy: {
    allowUnconditionalUpdate: false,
    hasGeneration: false,

    validate(object, old) {
      const errors: Errors = [];
      const { nodeTopology, storageClassName = '', capacity } = object;
      if (old?.nodeTopology === undefined || isUsableSelector(old.nodeTopology))
        checkLabelSelector(errors, nodeTopology, 'nodeTopology');
      checkDnsSubdomain(errors, 'storageClassName', storageClassName);
      if (capacity !== undefined && isNegative(capacity))
        errors.push(invalid('capacity', canonicalQuantity(capacity), 'must be greater than or equal to 0'));
      if (old === undefined) return errors;
      if (!semanticEqual(nodeTopology, old.nodeTopology))
        errors.push(invalid('nodeTopology', nodeTopology ?? null, immutableField));
      if (storageClassName !== old.storageClassName)
        errors.push(invalid('storageClassName', storageClassName, immutableField));
      return errors;
    },
  },
};
