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

    prepareForCreate: ({ spec }) => dropUnserved(spec),
    prepareForUpdate: ({ spec }, old) => dropUnserved(spec, old.spec),

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

/** Kubernetes 1.36 drops these unless its feature CoordinatedLeaderElection is switched on. */
function dropUnserved(spec: Lease['spec'], old: Readonly<Lease['spec']> = {}): void {
  for (const name of ['strategy', 'preferredHolder'] as const)
    if (old?.strategy === undefined && old?.preferredHolder === undefined) delete spec?.[name];
}
