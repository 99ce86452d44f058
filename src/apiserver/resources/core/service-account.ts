import { ServiceAccounts, type ServiceAccount } from '../../../api/core/v1/types.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';

export const serviceAccount: ResourceDefinition<ServiceAccount> = {
  type: ServiceAccounts,

  strategy: {
    returnDeletedObject: true,
  },
};
