import { podRequests } from '../../api/core/pod-requests.ts';
import type { Amounts } from '../../api/core/quota/amounts.ts';
import type {
  Node,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  Taint,
  Toleration,
} from '../../api/core/v1/types.ts';
import { milliValue, parseQuantity, quantityValue, type Quantity } from '../../apimachinery/quantity.ts';
import type { Verdict } from './pod-status.ts';

/**
 * Whether the node takes a pod beside those that it has: kernel parameters, operating system, groups, resources, node
 * selector and affinity, host ports, and taints that forbid to execute. A verdict says why not; its texts are
 * Kubernetes' own.
 */
export function admitPod(
  pod: Readonly<Pod>,
  others: readonly Readonly<Pod>[],
  node: Readonly<Node>,
): Verdict | undefined {
  return (
    refuseSysctls(pod) ??
    refuseSystem(pod) ??
    refuseGroups(pod) ??
    refuseResources(pod, others, node) ??
    refuseAffinity(pod, node) ??
    refusePorts(pod, others) ??
    refuseTaints(pod, node)
  );
}

/** Why the node has no room for a pod beside others. */
export function refuseResources(
  pod: Readonly<Pod>,
  others: readonly Readonly<Pod>[],
  node: Readonly<Node>,
): Verdict | undefined {
  const { allocatable = {} } = node.status ?? {};
  const most = allocatable['pods'];
  if (most !== undefined && others.length + 1 > Number(most))
    return outOf('pods', 1n, BigInt(others.length), BigInt(most));
  const wanted = requestsOf(pod);
  const byDevices = new Set(
    pod.status?.extendedResourceClaimStatus?.requestMappings.map(({ resourceName }) => resourceName),
  );
  const taken = others.map(requestsOf);
  for (const [name, amount] of Object.entries(wanted)) {
    const whole = amountIn(name, amount);
    if (whole === 0n || byDevices.has(name) || (isExtended(name) && allocatable[name] === undefined)) continue;
    const used = taken.reduce((sum, one) => sum + (one[name] === undefined ? 0n : amountIn(name, one[name])), 0n);
    const capacity = allocatable[name] === undefined ? 0n : amountIn(name, parseQuantity(allocatable[name]));
    if (used + whole > capacity) return outOf(name, whole, used, capacity);
  }
  return undefined;
}

/** Such a resource somebody else looks after where the node knows nothing of it. */
function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/');
}

/** By the pod's spec, for each pod is asked about again whenever another one comes to the node. */
const known = new WeakMap<object, Amounts>();

function requestsOf(pod: Readonly<Pod>): Amounts {
  let requests = known.get(pod.spec);
  if (requests === undefined) known.set(pod.spec, (requests = podRequests(pod)));
  return requests;
}

function amountIn(name: string, amount: Quantity): bigint {
  return name === 'cpu' ? milliValue(amount) : quantityValue(amount);
}

function outOf(name: string, requested: bigint, used: bigint, capacity: bigint): Verdict {
  const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${name}`, message: `Pod was rejected: Node didn't have enough resource: ${name}, ${amounts}` };
}

function refuseSystem({ spec }: Readonly<Pod>): Verdict | undefined {
  if (spec.os === undefined || spec.os.name === 'linux') return undefined;
  const message = "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS";
  return { reason: 'PodOSNotSupported', message };
}

/** The runtime adds the groups that the image gives its user, and cannot be told not to. */
function refuseGroups({ spec }: Readonly<Pod>): Verdict | undefined {
  if (spec.securityContext?.supplementalGroupsPolicy !== 'Strict') return undefined;
  const message = 'Pod was rejected: SupplementalGroupsPolicy=Strict is not supported in this node';
  return { reason: 'SupplementalGroupsPolicyNotSupported', message };
}

function failed(reason: string, why: string): Verdict {
  return { reason, message: `Pod was rejected: Predicate ${reason} failed: ${why}` };
}

function refuseAffinity({ spec }: Readonly<Pod>, { metadata }: Readonly<Node>): Verdict | undefined {
  const labels = metadata.labels ?? {};
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const isSelected = Object.entries(spec.nodeSelector ?? {}).every(([name, value]) => labels[name] === value);
  const isWanted = terms === undefined || terms.some((term) => termHolds(term, metadata.name, labels));
  if (isSelected && isWanted) return undefined;
  return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
}

function termHolds(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  name: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((one) => requirementHolds(one, labels)) &&
    matchFields.every((one) => requirementHolds(one, { 'metadata.name': name }))
  );
}

function requirementHolds(
  { key, operator, values = [] }: NodeSelectorRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

function refusePorts(pod: Readonly<Pod>, others: readonly Readonly<Pod>[]): Verdict | undefined {
  const own = hostPorts(pod);
  if (own.length === 0) return undefined;
  const used = others.flatMap(hostPorts);
  const clashes = own.some((wanted) =>
    used.some(
      ({ port, protocol, ip }) =>
        port === wanted.port &&
        protocol === wanted.protocol &&
        (ip === wanted.ip || ip === '0.0.0.0' || wanted.ip === '0.0.0.0'),
    ),
  );
  return clashes ? failed('NodePorts', "node(s) didn't have free ports for the requested pod ports") : undefined;
}

function hostPorts({ spec }: Readonly<Pod>): { port: number; protocol: string; ip: string }[] {
  return [...spec.containers, ...(spec.initContainers ?? []).filter((one) => one.restartPolicy === 'Always')].flatMap(
    ({ ports = [] }) =>
      ports
        .filter(({ hostPort = 0 }) => hostPort > 0)
        .map(({ hostPort, protocol = 'TCP', hostIP }) => ({ port: hostPort!, protocol, ip: hostIP || '0.0.0.0' })),
  );
}

function refuseTaints({ spec }: Readonly<Pod>, node: Readonly<Node>): Verdict | undefined {
  const untolerated = (node.spec?.taints ?? []).find(
    (taint) => taint.effect === 'NoExecute' && !(spec.tolerations ?? []).some((one) => tolerates(one, taint)),
  );
  return untolerated && failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
}

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key !== undefined && key !== '' && key !== taint.key) return false;
  return operator === 'Exists' || value === (taint.value ?? '');
}

/**
 * Kernel parameters that belong to a pod's own namespaces and cannot harm others ("Using sysctls in a Kubernetes
 * Cluster").
 */
const safeSysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
];

function refuseSysctls({ spec }: Readonly<Pod>): Verdict | undefined {
  const unsafe = (spec.securityContext?.sysctls ?? []).find(
    ({ name }) => !safeSysctls.includes(name.replaceAll('/', '.')),
  );
  if (unsafe === undefined) return undefined;
  return { reason: 'SysctlForbidden', message: `Pod was rejected: forbidden sysctl: "${unsafe.name}" not allowlisted` };
}
