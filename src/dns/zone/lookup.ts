import { parseIp, type IpBytes } from '../../apimachinery/ip.ts';
import type { ClusterZone } from './cluster-zone.ts';
import type { Target } from './service-records.ts';

/** What a name of the cluster stands for, whatever type of record is asked for. */
export type Found =
  | { readonly kind: 'nothing' }
  /** The name exists, but only others below it, or records of another type, have data. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'zone' }
  | { readonly kind: 'version' }
  | { readonly kind: 'alias'; readonly target: string }
  | { readonly kind: 'targets'; readonly targets: readonly Target[] }
  | { readonly kind: 'address'; readonly address: IpBytes };

const nothing: Found = { kind: 'nothing' };
const empty: Found = { kind: 'empty' };

/** Finds a name by what stands before the cluster's domain, in small letters. */
export function lookUp(relative: string, zone: ClusterZone): Found {
  if (relative === '') return { kind: 'zone' };
  const labels = relative.split('.');
  const branch = labels.pop();
  if (branch === 'svc') return belowServices(labels, zone);
  if (branch === 'pod') return belowPods(labels, zone);
  if (relative === 'dns-version') return { kind: 'version' };
  if (relative === 'dns') return empty;
  const server = relative === 'ns.dns' ? parseIp(zone.server) : undefined;
  return server === undefined ? nothing : { kind: 'address', address: server };
}

/** `service.namespace`, `endpoint.service.namespace` or `_port._protocol.service.namespace`. */
function belowServices(labels: string[], zone: ClusterZone): Found {
  const namespace = labels.pop();
  if (namespace === undefined) return empty;
  if (!zone.hasNamespace(namespace)) return nothing;
  const name = labels.pop();
  if (name === undefined) return empty;
  const records = zone.service(namespace, name);
  if (records === undefined || labels.length > 2) return nothing;
  if (records.kind === 'alias') return labels.length === 0 ? records : nothing;
  return targets(select(labels, records.own, records.endpoints));
}

function select(
  labels: readonly string[],
  own: readonly Target[],
  endpoints: ReadonlyMap<string, readonly Target[]>,
): readonly Target[] {
  const [first, second] = labels;
  if (first === undefined) return own;
  if (second === undefined) return endpoints.get(first) ?? [];
  const [name, protocol] = [withoutUnderscore(first), withoutUnderscore(second)];
  return own.filter(({ port }) => port?.name === name && port.protocol === protocol);
}

function withoutUnderscore(label: string): string {
  return label.startsWith('_') ? label.slice(1) : label;
}

/** A headless Service without ready endpoints has no name, as Kubernetes' DNS specification has it. */
function targets(found: readonly Target[]): Found {
  return found.length === 0 ? nothing : { kind: 'targets', targets: found };
}

/** `1-2-3-4.namespace`: the address that the name spells, whether there is such a pod or not. */
function belowPods(labels: string[], zone: ClusterZone): Found {
  const namespace = labels.pop();
  if (namespace === undefined) return empty;
  if (!zone.hasNamespace(namespace)) return nothing;
  const label = labels.pop();
  if (label === undefined) return empty;
  const isIpv4 = /^\d+-\d+-\d+-\d+$/.test(label);
  const address = labels.length === 0 ? parseIp(label.replaceAll('-', isIpv4 ? '.' : ':')) : undefined;
  return address === undefined ? nothing : { kind: 'address', address };
}
