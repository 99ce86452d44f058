import type { Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { keyOf, type ObjectKey } from '../apimachinery/object.ts';
import { isProxied } from './service-plan.ts';

/** What a load balancer outside the cluster is told when it asks whether to send clients of a Service to this node. */
export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The ports on which every node answers for a Service whose clients stay on the node that they came to. */
export function healthCheckPorts(services: readonly Readonly<Service>[]): Map<number, ObjectKey> {
  const ports = new Map<number, ObjectKey>();
  for (const service of services) {
    const { type, externalTrafficPolicy, healthCheckNodePort: port } = service.spec;
    if (type === 'LoadBalancer' && externalTrafficPolicy === 'Local' && port && isProxied(service))
      ports.set(port, keyOf(service));
  }
  return ports;
}

/** What the answer for a Service depends on. */
export interface HealthFacts {
  readonly slices: readonly Readonly<EndpointSlice>[];
  /** Name of the node that is asked. */
  readonly nodeName: string;
  /** Whether its packet rules are what they are to be. */
  readonly isHealthy: boolean;
}

export function healthAnswer(
  { namespace = '', name }: ObjectKey,
  { slices, nodeName, isHealthy }: HealthFacts,
): HealthAnswer {
  const localEndpoints = localReady(slices, nodeName).size;
  return {
    status: localEndpoints > 0 && isHealthy ? 200 : 503,
    headers: {
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
      'X-Load-Balancing-Endpoint-Weight': String(localEndpoints),
    },
    body: JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: isHealthy }),
  };
}

/** Pods, however many ports they have. One that ends still serves, but is to get no new clients. */
function localReady(slices: readonly Readonly<EndpointSlice>[], nodeName: string): Set<string> {
  const addresses = new Set<string>();
  for (const { addressType, endpoints } of slices)
    for (const {
      addresses: [address],
      conditions,
      nodeName: where,
    } of endpoints ?? [])
      if (addressType === 'IPv4' && where === nodeName && address !== undefined && (conditions?.ready ?? true))
        addresses.add(address);
  return addresses;
}
