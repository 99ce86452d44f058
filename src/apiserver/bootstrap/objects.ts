import { EndpointSlices } from '../../api/discovery/v1/types.ts';
import { EndpointsResource, Namespaces, Services } from '../../api/core/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles, RoleBindings, Roles } from '../../api/rbac/v1/types.ts';
import { PriorityClasses } from '../../api/scheduling/v1/types.ts';
import { cidrContains, cidrText, ipText, isIpv6, networkOf, parseCidr } from '../../apimachinery/ip.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { ServerConfig } from '../context.ts';
import { ownClusterRoleBindings, ownClusterRoles } from './own-roles.ts';
import { recorded, type RecordedBinding, type RecordedRole } from './recorded.ts';

/** An object that the server keeps, with its type. */
export interface Kept {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

const priorityDescriptions: Readonly<Record<string, string>> = {
  'system-cluster-critical': 'For pods that the cluster needs, on whichever node.',
  'system-node-critical': 'For pods that their node needs, which must not be moved from it.',
};

/** The namespaces of every cluster. */
export const systemNamespaces: readonly Kept[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(
  (name) => ({
    type: Namespaces,
    object: { metadata: { name } },
  }),
);

/** The roles and bindings of every cluster, as they should be at least. */
export const systemRoles: readonly Kept[] = [
  ...[...recorded.clusterRoles, ...ownClusterRoles].map((role) => roleOf(ClusterRoles, role)),
  ...recorded.roles.map((role) => roleOf(Roles, role)),
];
export const systemBindings: readonly Kept[] = [
  ...[...recorded.clusterRoleBindings, ...ownClusterRoleBindings].map((binding) =>
    bindingOf(ClusterRoleBindings, binding),
  ),
  ...recorded.roleBindings.map((binding) => bindingOf(RoleBindings, binding)),
];

export const systemPriorityClasses: readonly Kept[] = recorded.priorityClasses.map(({ name, value }) => {
  const description = priorityDescriptions[name];
  const object = { metadata: { name }, value, ...(description !== undefined && { description }) };
  return { type: PriorityClasses, object };
});

function roleOf(type: ResourceType, { rules, aggregationRule, ...meta }: RecordedRole): Kept {
  const object = { metadata: metadataOf(meta), ...(aggregationRule && { aggregationRule }), rules };
  return { type, object: structuredClone(object) };
}

function bindingOf(type: ResourceType, { roleRef, subjects = [], ...meta }: RecordedBinding): Kept {
  return { type, object: structuredClone({ metadata: metadataOf(meta), roleRef, subjects } as KubeObject) };
}

function metadataOf(meta: Omit<RecordedBinding, 'roleRef' | 'subjects'>): KubeObject['metadata'] {
  return meta as KubeObject['metadata'];
}

const apiPort = 443;

/** The Service under which pods reach the API server: the first address of the range. */
export function apiService({ serviceCidr, advertise }: ServerConfig): Kept {
  const ports = [{ name: 'https', protocol: 'TCP', port: apiPort, targetPort: advertise.port }];
  const clusterIP = firstAddress(serviceCidr);
  const object = {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ports,
      sessionAffinity: 'None',
      ipFamilies: [isIpv6(clusterIP) ? 'IPv6' : 'IPv4'],
      ipFamilyPolicy: 'SingleStack',
    },
  };
  return { type: Services, object };
}

/** Where that Service leads, in the old form and in the new one. No controller makes these: the Service selects no pods. */
export function apiEndpoints({ advertise: { host, port } }: ServerConfig): readonly Kept[] {
  // A server for this process or machine alone has no address that a pod could reach.
  if (/^(127\.|::1$)/.test(host)) return [];
  const ports = [{ name: 'https', port, protocol: 'TCP' }];
  const named = (labels: Record<string, string>) => ({ name: 'kubernetes', namespace: 'default', labels });
  const endpoints = {
    metadata: named({ 'endpointslice.kubernetes.io/skip-mirror': 'true' }),
    subsets: [{ addresses: [{ ip: host }], ports }],
  };
  const slice = {
    metadata: named({ 'kubernetes.io/service-name': 'kubernetes' }),
    addressType: isIpv6(host) ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [host], conditions: { ready: true } }],
    ports,
  };
  return [
    { type: EndpointsResource, object: endpoints },
    { type: EndpointSlices, object: slice },
  ];
}

/** The address after that of the network itself. Throws on a range that is none. */
export function firstAddress(cidr: string): string {
  return addressAfter(cidr, 1);
}

/** The address that is the cluster's DNS by convention. Throws on a range that is too small for it. */
export function dnsAddress(cidr: string): string {
  return addressAfter(cidr, 10);
}

/** `count`: less than 16. */
function addressAfter(cidr: string, count: number): string {
  const range = parseCidr(cidr);
  if (range === undefined) throw new Error(`Cannot use the range of service addresses "${cidr}": it is not a CIDR`);
  const address = [...networkOf(range)];
  address[address.length - 1]! += count;
  if (!cidrContains(range, address) || range.prefixLength === address.length * 8)
    throw new Error(`Cannot use the range of service addresses "${cidrText(range)}": it has no address ${count}`);
  return ipText(address);
}
