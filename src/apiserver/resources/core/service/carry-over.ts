import type { Service } from '../../../../api/core/v1/types.ts';
import { jsonEqual } from '../../../../apimachinery/equality.ts';
import {
  canHaveNodePorts,
  isReachableFromOutside,
  needsClusterAddress,
  needsHealthCheckPort,
  needsNodePorts,
} from './shape.ts';

type Spec = Service['spec'];

/** Keeps what the server once chose where an update does not say it, and lets go of what the new type cannot have. */
export function carryOver(spec: Spec, old: Readonly<Spec>): void {
  keepAllocated(spec, old);
  alignAddresses(spec, old);
  dropWhatDoesNotFit(spec, old);
}

/** `clusterIP` is the first of `clusterIPs`; a client may write either. */
export function alignAddresses(spec: Spec, old: Readonly<Spec> | undefined): void {
  if (old === undefined) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const isSameList = jsonEqual(spec.clusterIPs ?? [], old.clusterIPs ?? []);
  if ((spec.clusterIP ?? '') === (old.clusterIP ?? '') || !isSameList) return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else delete spec.clusterIPs;
}

function keepAllocated(spec: Spec, old: Readonly<Spec>): void {
  if (needsClusterAddress(spec) && needsClusterAddress(old)) {
    if (!spec.clusterIP && old.clusterIP !== undefined) spec.clusterIP = old.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === old.clusterIP && old.clusterIPs !== undefined)
      spec.clusterIPs = [...old.clusterIPs];
  }
  if (needsNodePorts(spec) && needsNodePorts(old)) keepNodePorts(spec, old);
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(old) && !spec.healthCheckNodePort)
    spec.healthCheckNodePort = old.healthCheckNodePort!;
  if (needsClusterAddress(spec) && needsClusterAddress(old)) {
    spec.ipFamilyPolicy ??= old.ipFamilyPolicy;
    if (!spec.ipFamilies?.length && old.ipFamilies !== undefined) spec.ipFamilies = [...old.ipFamilies];
  }
}

/** Ports keep theirs by name, unless another port of the new list took it. */
function keepNodePorts({ ports = [] }: Spec, { ports: oldPorts = [] }: Readonly<Spec>): void {
  const used = new Set(ports.map(({ nodePort }) => nodePort ?? 0));
  const byName = new Map(oldPorts.map(({ name = '', nodePort }) => [name, nodePort]));
  for (const port of ports) {
    const known = port.nodePort ? undefined : byName.get(port.name ?? '');
    if (!known || used.has(known)) continue;
    port.nodePort = known;
    used.add(known);
  }
}

/** Only what the client left as it was goes; what it changed is its own mistake to hear about. */
function dropWhatDoesNotFit(spec: Spec, old: Readonly<Spec>): void {
  const drop = (...names: (keyof Spec)[]) => {
    for (const name of names) if (jsonEqual(spec[name] ?? null, old[name] ?? null)) delete spec[name];
  };
  if (!needsClusterAddress(spec) && needsClusterAddress(old)) {
    const isSame = (spec.clusterIP ?? '') === (old.clusterIP ?? '') && jsonEqual(spec.clusterIPs, old.clusterIPs);
    if (isSame) drop('clusterIP', 'clusterIPs');
    drop('ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy');
  }
  // A load balancer that wants no more of them keeps those that it has.
  if (!canHaveNodePorts(spec) && canHaveNodePorts(old) && samePorts(spec, old))
    for (const port of spec.ports ?? []) delete port.nodePort;
  if (!needsHealthCheckPort(spec) && needsHealthCheckPort(old)) drop('healthCheckNodePort');
  if (spec.type !== 'LoadBalancer' && old.type === 'LoadBalancer')
    drop('allocateLoadBalancerNodePorts', 'loadBalancerClass');
  if (!isReachableFromOutside(spec) && isReachableFromOutside(old)) drop('externalTrafficPolicy');
  if (spec.type !== 'ExternalName' && old.type === 'ExternalName') drop('externalName');
}

function samePorts(spec: Spec, old: Readonly<Spec>): boolean {
  const of = ({ ports = [] }: Readonly<Spec>) => new Set(ports.map(({ nodePort }) => nodePort ?? 0));
  const known = of(old);
  return [...of(spec)].every((port) => known.has(port));
}
