import { Leases, type Lease } from '../../../api/coordination/v1/types.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, type Errors } from '../checks.ts';

export const lease: ResourceDefinition<Lease> = {
  type: Leases,

  strategy: {
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
    hasGeneration: false,

    defaults(draft) {
      draft.spec ??= {};
    },

    validate({ spec }) {
      const errors: Errors = [];
      if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0)
        errors.push(invalid('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0'));
      checkNonNegative(errors, 'spec.leaseTransitions', spec.leaseTransitions);
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [object.metadata.name, object.spec.holderIdentity ?? '', ageOf(object, now)],
  },
};
