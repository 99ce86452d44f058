import { Nodes, Pods, Services, type Node, type Pod, type Service } from '../../api/core/v1/types.ts';
import { EndpointSlices, type Endpoint, type EndpointHints, type EndpointPort } from '../../api/discovery/v1/types.ts';
import { settled, type Cluster, type Controller } from '../../reconciler/controller.ts';
import { isReady } from '../pod-state.ts';
import {
  addressesOf,
  familyOf,
  hasSelector,
  hostnameOf,
  labelsFrom,
  podsOf,
  servicesOf,
  targetPortOf,
  triggerTime,
  triggerTimeAnnotation,
  type Family,
} from './service-pods.ts';
import { writeSlices } from './slice-writer.ts';
import { planSlices, portsKey, type EndpointGroup } from './slice-plan.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const manager = 'endpointslice-controller.k8s.io';
const zoneLabel = 'topology.kubernetes.io/zone';

/** Keeps the slices of every service that selects pods. */
export const endpointSliceController: Controller<Service> = {
  name: 'endpoint-slice-controller',
  identity: 'endpointslice-controller',
  for: Services,
  owns: [EndpointSlices],
  watches: [
    { type: Pods, wakes: servicesOf },
    { type: Nodes, wakes: servicesOnNode },
  ],
  concurrency: 5,

  async reconcile(key, cluster) {
    const service = cluster.get(Services, key);
    if (service === undefined || service.metadata.deletionTimestamp !== undefined || !hasSelector(service))
      return settled;
    const { namespace, name } = service.metadata;
    const labels = labelsFrom(service, { [serviceNameLabel]: name, [managedByLabel]: manager });
    const existing = cluster.withLabels(EndpointSlices, namespace, {
      [serviceNameLabel]: name,
      [managedByLabel]: manager,
    });
    const families = familiesOf(service);
    const pods = podsOf(service, cluster);
    const groups = families.flatMap((family) => groupEndpoints(service, pods, family, cluster));
    const annotations = { [triggerTimeAnnotation]: triggerTime(service, pods) };
    await writeSlices(cluster, service, labels, planSlices(groups, families, existing, labels), annotations);
    return settled;
  },
};

function familiesOf({ spec }: Readonly<Service>): Family[] {
  const named = (spec.ipFamilies ?? []).filter((family): family is Family => family !== '');
  if (named.length > 0) return named;
  return [spec.clusterIP && spec.clusterIP !== 'None' ? familyOf(spec.clusterIP) : 'IPv4'];
}

/** One group for each set of ports: pods may give the same port name different numbers. */
function groupEndpoints(
  service: Readonly<Service>,
  pods: readonly Readonly<Pod>[],
  family: Family,
  cluster: Cluster,
): EndpointGroup[] {
  const groups = new Map<string, { ports: EndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const addresses = addressesOf(pod).filter((address) => familyOf(address) === family);
    const node = pod.spec.nodeName === undefined ? undefined : cluster.get(Nodes, { name: pod.spec.nodeName });
    // A pod on a node that is gone serves nobody, but who wants even unready addresses gets it.
    const isLost = pod.spec.nodeName !== undefined && node === undefined;
    if (addresses.length === 0 || (isLost && service.spec.publishNotReadyAddresses !== true)) continue;
    const ports = portsOf(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpointOf(service, pod, addresses, node));
  }
  return [...groups.values()].map((group) => ({ addressType: family, ...group }));
}

function portsOf({ spec }: Readonly<Service>, pod: Readonly<Pod>): EndpointPort[] {
  return (spec.ports ?? []).flatMap((servicePort) => {
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    const port = targetPortOf(pod, servicePort);
    return port === undefined ? [] : [{ name, port, protocol, ...(appProtocol && { appProtocol }) }];
  });
}

function endpointOf(
  service: Readonly<Service>,
  pod: Readonly<Pod>,
  addresses: string[],
  node: Readonly<Node> | undefined,
): Endpoint {
  const { namespace, name, uid } = pod.metadata;
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = node?.metadata.labels?.[zoneLabel];
  const hostname = hostnameOf(pod, service);
  const hints = ready ? hintsFor(service, zone, pod.spec.nodeName) : undefined;
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname && { hostname }),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(zone && { zone }),
    ...(hints && { hints }),
  };
}

/** Whom an endpoint is meant for, where the service asks to stay near. */
function hintsFor(
  { spec }: Readonly<Service>,
  zone: string | undefined,
  node: string | undefined,
): EndpointHints | undefined {
  const { trafficDistribution: distribution } = spec;
  const forZones =
    zone && (distribution === 'PreferClose' || distribution === 'PreferSameZone' || distribution === 'PreferSameNode')
      ? [{ name: zone }]
      : undefined;
  const forNodes = node && distribution === 'PreferSameNode' ? [{ name: node }] : undefined;
  return forZones || forNodes ? { ...(forZones && { forZones }), ...(forNodes && { forNodes }) } : undefined;
}

/** A node that comes, goes or moves to another zone changes what its pods' endpoints say. */
function servicesOnNode(
  node: Readonly<Node>,
  cluster: Parameters<typeof servicesOf>[1],
  old?: Readonly<Node>,
): ReturnType<typeof servicesOf> {
  if (old !== undefined && old.metadata.labels?.[zoneLabel] === node.metadata.labels?.[zoneLabel]) return [];
  return cluster.podsOn(node.metadata.name).flatMap((pod) => servicesOf(pod, cluster));
}
