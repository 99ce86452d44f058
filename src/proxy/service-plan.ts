import type { Service, ServicePort, ServiceSpec, ServiceStatus } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { ipv4Text } from '../apimachinery/ip.ts';
import { backendsOf, endpointText, type Backends } from './backends.ts';
import { whyForeign } from './foreign-addresses.ts';
import type { NodeView } from './node-view.ts';
import { outermost } from './source-ranges.ts';
import type { Frontend, Group, Protocol, TrafficPlan } from './traffic-plan.ts';

/** Says that another proxy takes care of the Service. */
const otherProxyLabel = 'service.kubernetes.io/service-proxy-name';
const headlessLabel = 'service.kubernetes.io/headless';
const defaultStickySeconds = 10_800;

/** Whether this proxy has anything to do for the Service. */
export function isProxied({ metadata, spec }: Readonly<Service>): boolean {
  const { [otherProxyLabel]: otherProxy, [headlessLabel]: headless } = metadata.labels ?? {};
  if (otherProxy !== undefined || headless !== undefined || spec.type === 'ExternalName') return false;
  return clusterAddresses(spec).length > 0;
}

/** What the packet rules of a node are to do for a Service. */
export function planService(
  service: Readonly<Service>,
  slices: readonly Readonly<EndpointSlice>[],
  node: NodeView,
): TrafficPlan {
  if (!isProxied(service)) return { frontends: [], groups: [], hairpins: [] };
  const ports = (service.spec.ports ?? []).map((port) => planPort(service, port, backendsOf(slices, port, node), node));
  const { creationTimestamp: since } = service.metadata;
  return {
    ...(since !== undefined && { since }),
    frontends: ports.flatMap(({ frontends }) => frontends),
    groups: ports.flatMap(({ groups }) => groups),
    hairpins: [...new Set(ports.flatMap(({ hairpins }) => hairpins))],
  };
}

function planPort(
  { metadata, spec, status }: Readonly<Service>,
  port: Readonly<ServicePort>,
  backends: Backends,
  node: NodeView,
): TrafficPlan {
  const name = `${metadata.namespace}/${metadata.name}:${port.name ?? ''}/${port.protocol ?? 'TCP'}`;
  const [cluster, local] = [`${name} on any node`, `${name} on this node`];
  const protocol = (port.protocol ?? 'TCP').toLowerCase() as Protocol;
  const inside = {
    class: 'cluster' as const,
    protocol,
    port: port.port,
    group: spec.internalTrafficPolicy === 'Local' ? local : cluster,
  };
  // Clients within the cluster reach every endpoint, as if they had used the cluster address.
  const external =
    spec.externalTrafficPolicy === 'Local' ? { group: cluster, outside: local } : { group: cluster, masquerade: true };
  const outside = { protocol, port: port.port, ...external };
  const allowed = sourceRanges(spec);
  const isFree = (address: string): boolean => whyForeign(address, node) === undefined;
  const frontends: Frontend[] = [
    ...clusterAddresses(spec).map((address) => ({ address, ...inside })),
    ...ipv4Texts(spec.externalIPs ?? [])
      .filter(isFree)
      .map((address): Frontend => ({ address, class: 'external', ...outside })),
    ...balancerAddresses(spec, status)
      .filter(isFree)
      .map((address): Frontend => ({ address, class: 'balancer', ...outside, ...(allowed && { allowed }) })),
    ...(port.nodePort ? node.addresses : []).map((address): Frontend => ({
      address,
      class: 'node',
      ...outside,
      port: port.nodePort!,
    })),
  ];
  const sticky = stickySeconds(spec);
  const groups: Group[] = [
    { name: cluster, endpoints: backends.cluster.map(endpointText), otherwise: 'refuse', ...sticky },
    {
      name: local,
      endpoints: backends.local.map(endpointText),
      otherwise: backends.isServed ? 'drop' : 'refuse',
      ...sticky,
    },
  ];
  const isUsed = ({ name }: Group): boolean =>
    frontends.some(({ group, outside }) => group === name || outside === name);
  const hairpins = [...backends.cluster, ...backends.local].filter(({ isLocal }) => isLocal).map((one) => one.address);
  return { frontends, groups: groups.filter(isUsed), hairpins };
}

function clusterAddresses({ clusterIP, clusterIPs }: ServiceSpec): string[] {
  const all = clusterIPs?.length ? clusterIPs : [clusterIP ?? ''];
  return ipv4Texts(all); // neither `None` nor nothing is an address
}

/** Addresses of the load balancer whose packets arrive with it as their destination. */
export function balancerAddresses({ type }: ServiceSpec, status: ServiceStatus | undefined): string[] {
  if (type !== 'LoadBalancer') return [];
  const ingress = status?.loadBalancer?.ingress ?? [];
  return ipv4Texts(ingress.flatMap(({ ip, ipMode = 'VIP' }) => (ip !== undefined && ipMode === 'VIP' ? [ip] : [])));
}

function ipv4Texts(texts: readonly string[]): string[] {
  return texts.map(ipv4Text).filter((text) => text !== undefined);
}

/** The ranges of IPv4 clients, none within another; `undefined`: all clients are welcome. */
function sourceRanges({ loadBalancerSourceRanges: ranges = [] }: ServiceSpec): readonly string[] | undefined {
  if (ranges.length === 0) return undefined;
  return outermost(ranges.map((range) => range.trim()));
}

function stickySeconds({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): { stickySeconds?: number } {
  if (sessionAffinity !== 'ClientIP') return {};
  return { stickySeconds: sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultStickySeconds };
}
