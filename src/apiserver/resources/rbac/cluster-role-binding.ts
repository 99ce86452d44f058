import { ClusterRoleBindings, type ClusterRoleBinding } from '../../../api/rbac/v1/types.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { bindingCells, bindingDefaults, validateBinding } from './bindings.ts';
import { roleNames } from './rules.ts';

export const clusterRoleBinding: ResourceDefinition<ClusterRoleBinding> = {
  type: ClusterRoleBindings,

  strategy: {
    allowCreateOnUpdate: true,
    nameRule: roleNames,
    defaults: bindingDefaults,
    validate: (binding, old) => validateBinding(binding, old, ['ClusterRole']),
  },

  columns: {
    cells: bindingCells,
  },
};
