import type { ContainerPort, Pod, Service } from '../api/core/v1/types.ts';
import { cidrContains, ipv4Text, parseCidr, parseIp } from '../apimachinery/ip.ts';
import type { NodeView } from './node-view.ts';

/** An address that an object asks for and does not get. */
export interface Refusal {
  /** Such as `spec.externalIPs[0]`. */
  readonly field: string;
  readonly address: string;
  readonly why: string;
}

const loopback = parseCidr('127.0.0.0/8')!;
const localhost = '127.0.0.1';

/**
 * Why an address from outside the cluster cannot be this one: what is addressed to the API server, the cluster's DNS, a
 * pod, a node or the machine itself would go to whoever names its address. Upstream has the same hole open by default
 * (CVE-2020-8554). `undefined`: it may be had. `address` is in its canonical form.
 */
export function whyForeign(address: string, node: NodeView): string | undefined {
  const bytes = parseIp(address);
  if (bytes === undefined) return 'it is no address';
  if (cidrContains(loopback, bytes)) return 'it is a loopback address';
  if (isWithin(node.serviceCidr, bytes)) return `it is in the range of cluster addresses, ${node.serviceCidr}`;
  if (isWithin(node.podCidr, bytes)) return `it is in the range of pods, ${node.podCidr}`;
  if (node.addresses.includes(address) || node.nodeAddresses?.has(address)) return 'it is the address of a node';
  return undefined;
}

/** As {@link whyForeign}, for the `hostIP` of a port: the pod's own node may be named, by its loopback address too. */
export function whyNoHostIp(address: string, node: NodeView): string | undefined {
  return address === localhost || node.addresses.includes(address) ? undefined : whyForeign(address, node);
}

/** The addresses that a Service asks for in vain. */
export function refusalsOfService({ spec, status }: Readonly<Service>, node: NodeView): Refusal[] {
  const balancer = spec.type === 'LoadBalancer' ? (status?.loadBalancer?.ingress ?? []) : [];
  return [
    ...refused('spec.externalIPs[', ']', spec.externalIPs ?? [], (address) => whyForeign(address, node)),
    ...refused(
      'status.loadBalancer.ingress[',
      '].ip',
      balancer.map(({ ip }) => ip ?? ''),
      (address) => whyForeign(address, node),
    ),
  ];
}

/** The host addresses that a pod asks for in vain. */
export function refusalsOfPod({ spec }: Readonly<Pod>, node: NodeView): Refusal[] {
  if (spec.hostNetwork) return [];
  return spec.containers.flatMap(({ ports = [] }, index) =>
    refused(
      `spec.containers[${index}].ports[`,
      '].hostIP',
      ports.map(({ hostPort, hostIP }: ContainerPort) => (hostPort && !isWildcard(hostIP) ? hostIP! : '')),
      (address) => whyNoHostIp(address, node),
    ),
  );
}

/** Whether a port is asked for on all IPv4 addresses of the node. */
export function isWildcard(hostIp = ''): boolean {
  return hostIp === '' || hostIp === '0.0.0.0';
}

function refused(
  before: string,
  after: string,
  addresses: readonly string[],
  why: (address: string) => string | undefined,
): Refusal[] {
  return addresses.flatMap((text, index) => {
    const address = ipv4Text(text);
    const reason = address === undefined ? undefined : why(address);
    return reason === undefined ? [] : [{ field: `${before}${index}${after}`, address: text, why: reason }];
  });
}

function isWithin(range: string, address: readonly number[]): boolean {
  const cidr = parseCidr(range);
  return cidr !== undefined && cidrContains(cidr, address);
}
