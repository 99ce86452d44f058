import { CustomResourceDefinitions, type CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import { APIServices, type APIService } from '../../api/apiregistration/v1/types.ts';
import { settled, type ClusterReader, type Controller } from '../../reconciler/controller.ts';

/** Set on APIServices that come and go with custom kinds. */
const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';
/** Where custom groups stand among all, as in Kubernetes: behind its own. */
const priority = { groupPriorityMinimum: 1000, versionPriority: 100 };

/** Keeps an APIService for each version of a group that a custom kind is served in. */
export const customVersions: Controller<APIService> = {
  name: 'custom-version-registration-controller',
  identity: 'system:kubeling-custom-version-registration',
  for: APIServices,
  watches: [
    {
      type: CustomResourceDefinitions,
      wakes: (now: Readonly<CustomResourceDefinition>, _, old) =>
        [...new Set([...versionsOf(now), ...(old === undefined ? [] : versionsOf(old))])].map((name) => ({ name })),
    },
  ],

  async reconcile({ name }, cluster) {
    const service = cluster.get(APIServices, { name });
    const dot = name.indexOf('.');
    const [group, version] = [name.slice(dot + 1), name.slice(0, dot)];
    const isServed = isServedBySome(group, version, cluster);
    if (service === undefined && isServed) {
      const spec = { group, version, ...priority };
      await cluster.create(APIServices, { metadata: { name, labels: { [managedLabel]: 'true' } }, spec });
    }
    if (service?.metadata.labels?.[managedLabel] === 'true' && !isServed) await cluster.delete(APIServices, service);
    return settled;
  },
};

/** The names of the APIServices of a definition: `v1.example.com`. */
function versionsOf({ spec }: Readonly<CustomResourceDefinition>): string[] {
  return spec.versions.filter(({ served }) => served).map(({ name }) => `${name}.${spec.group}`);
}

function isServedBySome(group: string, version: string, cluster: ClusterReader): boolean {
  return cluster
    .list(CustomResourceDefinitions)
    .some(({ spec }) => spec.group === group && spec.versions.some(({ name, served }) => served && name === version));
}
