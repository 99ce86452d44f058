import { EndpointsResource, Services, type EndpointAddress, type Endpoints } from '../../api/core/v1/types.ts';
import { EndpointSlices, type Endpoint } from '../../api/discovery/v1/types.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import { managedByLabel, serviceNameLabel } from './endpointslice-controller.ts';
import { familyOf, hasSelector, type Family } from './service-pods.ts';
import { planSlices, type EndpointGroup } from './slice-plan.ts';
import { writeSlices } from './slice-writer.ts';

const manager = 'endpointslicemirroring-controller.k8s.io';
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror';
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';

/** Shows Endpoints that somebody keeps by hand, for a service without a selector, as slices: proxies read only those. */
export const endpointSliceMirroringController: Controller<Endpoints> = {
  name: 'endpoint-slice-mirroring-controller',
  identity: 'endpointslicemirroring-controller',
  for: EndpointsResource,
  owns: [EndpointSlices],
  watches: [{ type: Services, wakes: ({ metadata }) => [metadata] }],
  concurrency: 5,

  async reconcile(key, cluster) {
    const endpoints = cluster.get(EndpointsResource, key);
    if (endpoints === undefined || endpoints.metadata.deletionTimestamp !== undefined) return settled;
    const service = cluster.get(Services, key);
    const { labels: own = {}, annotations = {}, name, namespace } = endpoints.metadata;
    const mirrored =
      service !== undefined &&
      !hasSelector(service) &&
      own[skipLabel] !== 'true' &&
      annotations[leaderAnnotation] === undefined;
    const labels = { ...own, [serviceNameLabel]: name, [managedByLabel]: manager };
    const existing = cluster.withLabels(EndpointSlices, namespace, {
      [serviceNameLabel]: name,
      [managedByLabel]: manager,
    });
    const groups = mirrored ? groupsOf(endpoints) : [];
    await writeSlices(cluster, endpoints, labels, planSlices(groups, [], existing, labels));
    return settled;
  },
};

function groupsOf({ subsets = [] }: Readonly<Endpoints>): EndpointGroup[] {
  const families: readonly Family[] = ['IPv4', 'IPv6'];
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) =>
    families.flatMap((addressType) => {
      const ofFamily = (list: readonly EndpointAddress[]): EndpointAddress[] =>
        list.filter(({ ip }) => familyOf(ip) === addressType);
      const endpoints = [
        ...ofFamily(addresses).map((address) => mirrorOf(address, true)),
        ...ofFamily(notReadyAddresses).map((address) => mirrorOf(address, false)),
      ];
      if (endpoints.length === 0) return [];
      return [
        {
          addressType,
          endpoints,
          ports: ports.map(({ name = '', protocol = 'TCP', ...rest }) => ({ name, protocol, ...rest })),
        },
      ];
    }),
  );
}

function mirrorOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(nodeName && { nodeName }),
    ...(targetRef && { targetRef }),
  };
}
