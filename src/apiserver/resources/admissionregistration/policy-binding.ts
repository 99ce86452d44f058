import type { ParamRef, MatchResources } from '../../../api/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkBinding, fillMatchResources, paramRefCell } from './match-resources.ts';

interface Binding extends KubeObject {
  spec?: { policyName?: string; paramRef?: ParamRef; matchResources?: MatchResources };
}

/** Where a policy is in force, and with which parameters; `check`: what else is wrong with one. */
export function policyBinding<T extends Binding>(
  type: ResourceType<T>,
  check: (errors: Errors, spec: NonNullable<T['spec']>) => void = () => undefined,
): ResourceDefinition<T> {
  return {
    type,

    strategy: {
      allowUnconditionalUpdate: false,
      hasGeneration: true,

      defaults({ spec }) {
        fillMatchResources(spec?.matchResources);
      },

      validate({ spec }) {
        const errors: Errors = [];
        checkBinding(errors, spec ?? {});
        check(errors, spec ?? {});
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
}
