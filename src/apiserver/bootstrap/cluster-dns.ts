import { Services } from '../../api/core/v1/types.ts';
import { EndpointSlices } from '../../api/discovery/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles } from '../../api/rbac/v1/types.ts';
import { isIpv6 } from '../../apimachinery/ip.ts';
import type { ServerConfig } from '../context.ts';
import type { Kept } from './objects.ts';

/** The user that DNS servers are, as with CoreDNS. */
const user = 'system:coredns';
const name = 'kube-dns';
const namespace = 'kube-system';
const port = 53;
const ports = [
  { name: 'dns', protocol: 'UDP', port },
  { name: 'dns-tcp', protocol: 'TCP', port },
];
const labels = {
  'k8s-app': name,
  'kubernetes.io/cluster-service': 'true',
  'kubernetes.io/name': 'KubeDNS',
};

/** Just what DNS reads. */
const role: Kept = {
  type: ClusterRoles,
  object: {
    metadata: { name: user },
    rules: [
      { apiGroups: [''], resources: ['services', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  } as Kept['object'],
};

const binding: Kept = {
  type: ClusterRoleBindings,
  object: {
    metadata: { name: user },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  } as Kept['object'],
};

/** What a cluster with DNS holds for it; nothing in a cluster without. */
export function dnsObjects({ clusterDns }: ServerConfig): DnsObjects {
  if (clusterDns === undefined) return { roles: [], bindings: [], services: [], endpoints: [] };
  return {
    roles: [role],
    bindings: [binding],
    services: [serviceAt(clusterDns)],
    endpoints: [endpointsAt(clusterDns)],
  };
}

export interface DnsObjects {
  readonly roles: readonly Kept[];
  readonly bindings: readonly Kept[];
  readonly services: readonly Kept[];
  readonly endpoints: readonly Kept[];
}

/** It selects no pods: every node answers under its address itself. */
function serviceAt(address: string): Kept {
  const spec = {
    type: 'ClusterIP',
    clusterIP: address,
    clusterIPs: [address],
    ports: ports.map((one) => ({ ...one, targetPort: port })),
    sessionAffinity: 'None',
    ipFamilies: [isIpv6(address) ? 'IPv6' : 'IPv4'],
    ipFamilyPolicy: 'SingleStack',
  };
  return { type: Services, object: { metadata: { name, namespace, labels }, spec } as Kept['object'] };
}

/**
 * Where that Service leads: to its own address, which is one of every node's. So a proxy that follows it changes nothing,
 * and one that refuses what leads nowhere does not refuse it.
 */
function endpointsAt(address: string): Kept {
  const slice = {
    metadata: { name, namespace, labels: { ...labels, 'kubernetes.io/service-name': name } },
    addressType: isIpv6(address) ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports,
  };
  return { type: EndpointSlices, object: slice as Kept['object'] };
}
