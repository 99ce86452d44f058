import { Namespaces, ServiceAccounts, type Namespace } from '../../api/core/v1/types.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import { createUnlessGone, isGoing } from './namespace-content.ts';

/** Gives every namespace the service account `default`, which its pods run under unless they say otherwise. */
export const defaultServiceAccountController: Controller<Namespace> = {
  name: 'service-account-controller',
  for: Namespaces,
  watches: [
    {
      type: ServiceAccounts,
      wakes: ({ metadata }) => (metadata.name === 'default' ? [{ name: metadata.namespace }] : []),
    },
  ],

  async reconcile({ name: namespace }, cluster) {
    const key = { namespace, name: 'default' };
    if (isGoing(cluster.get(Namespaces, { name: namespace })) || cluster.get(ServiceAccounts, key)) return settled;
    await createUnlessGone(cluster, ServiceAccounts, { metadata: key });
    return settled;
  },
};
