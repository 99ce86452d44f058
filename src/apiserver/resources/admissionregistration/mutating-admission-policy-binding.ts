import {
  MutatingAdmissionPolicyBindings,
  type MutatingAdmissionPolicyBinding,
} from '../../../api/admissionregistration/v1/types.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkBinding, fillMatchResources, paramRefCell } from './match-resources.ts';

/** Where a policy is in force, and with which parameters. */
export const mutatingAdmissionPolicyBinding: ResourceDefinition<MutatingAdmissionPolicyBinding> = {
  type: MutatingAdmissionPolicyBindings,

  strategy: {
    hasGeneration: true,

    defaults({ spec }) {
      fillMatchResources(spec?.matchResources);
    },

    validate({ spec }) {
      const errors: Errors = [];
      checkBinding(errors, spec ?? {});
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.spec?.policyName ?? '',
      paramRefCell(object.spec?.paramRef),
      ageOf(object, now),
    ],
  },
};
