import { ServiceAccounts, type ServiceAccount } from '../../../api/core/v1/types.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';

const onlyMountable = 'kubernetes.io/enforce-mountable-secrets';

export const serviceAccount: ResourceDefinition<ServiceAccount> = {
  type: ServiceAccounts,

  strategy: {
    returnDeletedObject: true,
    prepareForCreate: nameSecretsOnly,
    prepareForUpdate: nameSecretsOnly,

    warnings({ metadata }, old) {
      const had = old?.metadata.annotations?.[onlyMountable] !== undefined;
      if (had || metadata.annotations?.[onlyMountable] === undefined) return [];
      const why = 'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets';
      return [`metadata.annotations[${onlyMountable}]: ${why}`];
    },
  },
};

/** All else that a reference can say is dropped. */
function nameSecretsOnly(draft: ServiceAccount): void {
  if (draft.secrets !== undefined)
    draft.secrets = draft.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}
