import { ClusterRoles, type ClusterRole } from '../../../api/rbac/v1/types.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkLabelSelector, isUsableSelector } from '../label-selector.ts';
import { checkRule, roleNames } from './rules.ts';

export const clusterRole: ResourceDefinition<ClusterRole> = {
  type: ClusterRoles,

  strategy: {
    allowCreateOnUpdate: true,
    nameRule: roleNames,

    validate({ rules, aggregationRule }) {
      const errors: Errors = [];
      rules?.forEach((rule, i) => checkRule(errors, rule, false, `rules[${i}]`));
      if (aggregationRule) checkAggregation(errors, aggregationRule);
      return errors;
    },
  },
};

function checkAggregation(errors: Errors, { clusterRoleSelectors }: NonNullable<ClusterRole['aggregationRule']>): void {
  const field = 'aggregationRule.clusterRoleSelectors';
  if (!clusterRoleSelectors?.length)
    errors.push(required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  clusterRoleSelectors?.forEach((selector, i) => {
    checkLabelSelector(errors, selector, `${field}[${i}]`);
    if (!isUsableSelector(selector)) errors.push(invalid(`${field}[${i}]`, null, 'invalid label selector.'));
  });
}
