import type { Endpoint, EndpointSlice } from '../api/discovery/v1/types.ts';
import type { ServicePort } from '../api/core/v1/types.ts';
import { ipv4Text } from '../apimachinery/ip.ts';
import type { NodeView } from './node-view.ts';

/** A pod's address and port, where a connection may end. */
export interface Backend {
  readonly address: string;
  readonly port: number;
  /** Whether it runs on this node. */
  readonly isLocal: boolean;
}

/** As a target in the packet rules. */
export function endpointText({ address, port }: Pick<Backend, 'address' | 'port'>): string {
  return `${address} . ${port}`;
}

/** Where the connections of one port of a Service go. */
export interface Backends {
  /** For traffic that may go to any node. */
  readonly cluster: readonly Backend[];
  /** For traffic that stays on this node. */
  readonly local: readonly Backend[];
  /** Whether any node has one: then traffic that must stay here is dropped instead of refused. */
  readonly isServed: boolean;
}

type Candidate = Backend & { readonly key: string; readonly endpoint: Endpoint };

/**
 * Ready endpoints; while there is none, those that still serve although they terminate, so that the last pods of a
 * Service answer until others are there.
 */
export function backendsOf(
  slices: readonly Readonly<EndpointSlice>[],
  port: Readonly<ServicePort>,
  node: NodeView,
): Backends {
  const all = candidates(slices, port, node);
  const usable = readyOrLast(all);
  return {
    cluster: near(usable, node),
    local: readyOrLast(all.filter(({ isLocal }) => isLocal)),
    isServed: usable.length > 0,
  };
}

/** `10.0.0.1:80`: each address and port once, in an order that does not depend on that of the slices. */
function candidates(
  slices: readonly Readonly<EndpointSlice>[],
  { name = '', protocol = 'TCP' }: Readonly<ServicePort>,
  node: NodeView,
): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const { addressType, ports, endpoints } of slices) {
    if (addressType !== 'IPv4') continue;
    const port = ports?.find((one) => (one.name ?? '') === name && (one.protocol ?? 'TCP') === protocol)?.port;
    if (port === undefined) continue;
    for (const endpoint of endpoints ?? []) {
      const address = ipv4Text(endpoint.addresses[0] ?? '');
      if (address === undefined) continue;
      const key = `${address}:${port}`;
      const known = found.get(key);
      // While an endpoint moves from one slice to another both have it, and the newer may already say more.
      if (known !== undefined && (isReady(known.endpoint) || !isReady(endpoint))) continue;
      found.set(key, { key, address, port, isLocal: endpoint.nodeName === node.name, endpoint });
    }
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function readyOrLast(all: readonly Candidate[]): readonly Candidate[] {
  const ready = all.filter(({ endpoint }) => isReady(endpoint));
  return ready.length > 0 ? ready : all.filter(({ endpoint }) => isLeaving(endpoint));
}

/** A condition that nobody set counts as good. */
function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready ?? true;
}

function isLeaving({ conditions }: Endpoint): boolean {
  return conditions?.terminating === true && (conditions.serving ?? true);
}

/** The endpoints that are meant for this node or its zone, if every endpoint says for whom it is and some are. */
function near(backends: readonly Candidate[], { name, zone }: NodeView): readonly Candidate[] {
  const forNode = ({ endpoint }: Candidate): boolean =>
    endpoint.hints?.forNodes?.some((one) => one.name === name) ?? false;
  const forZone = ({ endpoint }: Candidate): boolean =>
    endpoint.hints?.forZones?.some((one) => one.name === zone) ?? false;
  if (backends.every(({ endpoint }) => endpoint.hints?.forNodes?.length) && backends.some(forNode))
    return backends.filter(forNode);
  if (backends.every(({ endpoint }) => endpoint.hints?.forZones?.length) && backends.some(forZone))
    return backends.filter(forZone);
  return backends;
}
