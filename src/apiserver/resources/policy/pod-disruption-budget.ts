import { PodDisruptionBudgets, type PodDisruptionBudget } from '../../../api/policy/v1/types.ts';
import { isPercent } from '../../../apimachinery/int-or-string.ts';
import { pathSegmentNames, percentText } from '../../../apimachinery/names.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, checkOneOf, complain, type Errors } from '../checks.ts';
import { checkLabelSelector } from '../label-selector.ts';

export const podDisruptionBudget: ResourceDefinition<PodDisruptionBudget> = {
  type: PodDisruptionBudgets,

  strategy: {
    allowUnconditionalUpdate: false,
    nameRule: pathSegmentNames,

    defaults(draft) {
      draft.spec ??= {};
      if (draft.status !== undefined) Object.assign(draft.status, { ...nothingCounted, ...draft.status });
    },

    prepareForCreate(draft) {
      draft.status = { ...nothingCounted };
    },

    validate({ spec }) {
      const errors: Errors = [];
      if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
        errors.push(invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
      checkBound(errors, 'spec.minAvailable', spec.minAvailable);
      checkBound(errors, 'spec.maxUnavailable', spec.maxUnavailable);
      checkLabelSelector(errors, spec.selector, 'spec.selector');
      if (spec.unhealthyPodEvictionPolicy !== undefined)
        checkOneOf(errors, 'spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, [
          'AlwaysAllow',
          'IfHealthyBudget',
        ]);
      return errors;
    },

    status: {
      validate({ status = {} }) {
        const errors: Errors = [];
        for (const count of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const)
          checkNonNegative(errors, `status.${count}`, status[count]);
        return errors;
      },
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      String(object.spec.minAvailable ?? 'N/A'),
      String(object.spec.maxUnavailable ?? 'N/A'),
      object.status?.disruptionsAllowed ?? 0,
      ageOf(object, now),
    ],
  },
};

const nothingCounted = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

function checkBound(errors: Errors, field: string, bound: number | string | undefined): void {
  if (bound === undefined) return;
  if (typeof bound === 'number') return checkNonNegative(errors, field, bound);
  complain(errors, field, bound, percentText(bound));
  if (isPercent(bound) && Number.parseInt(bound, 10) > 100)
    errors.push(invalid(field, bound, 'must not be greater than 100%'));
}
