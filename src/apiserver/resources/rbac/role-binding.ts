import { RoleBindings, type RoleBinding } from '../../../api/rbac/v1/types.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { bindingCells, bindingDefaults, validateBinding } from './bindings.ts';
import { roleNames } from './rules.ts';

export const roleBinding: ResourceDefinition<RoleBinding> = {
  type: RoleBindings,

  strategy: {
    allowCreateOnUpdate: true,
    nameRule: roleNames,
    defaults: bindingDefaults,
    validate: (binding, old) => validateBinding(binding, old, ['Role', 'ClusterRole']),
  },

  columns: {
    cells: bindingCells,
  },
};
