import type { Node, Service } from '../api/core/v1/types.ts';
import type { EndpointSlice } from '../api/discovery/v1/types.ts';
import { backendsOf } from './backends.ts';
import { whyForeign } from './foreign-addresses.ts';
import { nodeAddresses } from './node-addresses.ts';
import { balancerAddresses, isProxied } from './service-plan.ts';
import type { NodeView } from './node-view.ts';

const excludedLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';

export interface AnnouncementFacts {
  readonly services: readonly Readonly<Service>[];
  /** The slices of a Service. */
  readonly slicesOf: (service: Readonly<Service>) => readonly Readonly<EndpointSlice>[];
  readonly nodes: readonly Readonly<Node>[];
}

/**
 * The load balancers' addresses that a node answers for. Every node computes the same from the same objects, so each
 * address has one node without anybody handing it out: the one whose name, mixed with the address, comes first. When a
 * node comes or goes, only the addresses that it gets or had move.
 */
export function announcedBy(node: Omit<NodeView, 'zone'>, facts: AnnouncementFacts): string[] {
  const view = { ...node, nodeAddresses: nodeAddresses(facts.nodes) };
  const able = facts.nodes.filter(isAble).map(({ metadata }) => metadata.name);
  const mine = facts.services.flatMap((service) => {
    const addresses = ownAddresses(service).filter((address) => whyForeign(address, view) === undefined);
    if (addresses.length === 0) return [];
    const candidates = candidatesFor(service, facts.slicesOf(service), able, node);
    return addresses.filter((address) => announcer(address, candidates) === node.name);
  });
  return [...new Set(mine)].sort();
}

/** Those that Kubeling gave: who else gives addresses, says so by a class and announces them. */
function ownAddresses(service: Readonly<Service>): readonly string[] {
  return service.spec.loadBalancerClass === undefined && isProxied(service)
    ? balancerAddresses(service.spec, service.status)
    : [];
}

/**
 * Where traffic must stay on the node that it came to, only nodes with an endpoint come into question, if there are
 * any.
 */
function candidatesFor(
  { spec }: Readonly<Service>,
  slices: readonly Readonly<EndpointSlice>[],
  able: readonly string[],
  node: Omit<NodeView, 'zone'>,
): readonly string[] {
  if (spec.externalTrafficPolicy !== 'Local') return able;
  const serving = able.filter((name) =>
    (spec.ports ?? []).some((port) => backendsOf(slices, port, { ...node, name }).local.length > 0),
  );
  return serving.length > 0 ? serving : able;
}

function isAble({ metadata, status }: Readonly<Node>): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return (
    ready?.status === 'True' &&
    metadata.deletionTimestamp === undefined &&
    metadata.labels?.[excludedLabel] === undefined
  );
}

function announcer(address: string, candidates: readonly string[]): string | undefined {
  return candidates
    .map((name) => ({ name, rank: mix(`${address} ${name}`) }))
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1))[0]?.name;
}

/** FNV-1a with a last stir, so that texts that differ in one letter rank independently. */
function mix(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
