import type { Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';

/** A port of a Service, as the machine reaches it. */
export interface ServiceUrl {
  /** `http/80`, or `80` for a port without a name. */
  readonly port: string;
  readonly url: string;
}

/** A node that is on: its name in the API and its address. */
export interface ReachableNode {
  readonly name: string;
  readonly address: string;
}

/**
 * Where a Service answers from outside the cluster: its node ports on a node that serves them, and without any the address
 * of its load balancer. Nothing for a Service that is not to be seen from outside. Pure.
 */
export function serviceUrls(
  service: Readonly<Service>,
  slices: readonly Readonly<EndpointSlice>[],
  nodes: readonly ReachableNode[],
  scheme: 'http' | 'https' = 'http',
): ServiceUrl[] {
  const { ports = [] } = service.spec ?? {};
  const balancer = service.status?.loadBalancer?.ingress?.map(({ ip, hostname }) => ip ?? hostname).find(Boolean);
  const node = servingNode(service, slices, nodes);
  return ports.flatMap(({ name, port, nodePort, protocol = 'TCP' }) => {
    const shown = name ? `${name}/${port}` : `${port}`;
    const prefix = protocol === 'TCP' ? scheme : protocol.toLowerCase();
    if (nodePort) return node === undefined ? [] : [{ port: shown, url: `${prefix}://${node.address}:${nodePort}` }];
    return balancer === undefined ? [] : [{ port: shown, url: `${prefix}://${balancer}:${port}` }];
  });
}

/** Every node serves a node port, but under the policy Local only those that have an endpoint of their own. */
function servingNode(
  { spec }: Readonly<Service>,
  slices: readonly Readonly<EndpointSlice>[],
  nodes: readonly ReachableNode[],
): ReachableNode | undefined {
  if (spec?.externalTrafficPolicy !== 'Local') return nodes[0];
  const serving = new Set(
    slices.flatMap(({ endpoints }) =>
      (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).map(({ nodeName }) => nodeName),
    ),
  );
  return nodes.find(({ name }) => serving.has(name)) ?? nodes[0];
}
