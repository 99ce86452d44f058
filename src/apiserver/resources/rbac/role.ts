import { Roles, type Role } from '../../../api/rbac/v1/types.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkRule, roleNames } from './rules.ts';

export const role: ResourceDefinition<Role> = {
  type: Roles,

  strategy: {
    allowCreateOnUpdate: true,
    nameRule: roleNames,

    validate({ rules }) {
      const errors: Errors = [];
      rules?.forEach((rule, i) => checkRule(errors, rule, true, `rules[${i}]`));
      return errors;
    },
  },
};
