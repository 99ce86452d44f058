import type { Node } from '../../api/core/v1/types.ts';
import type { RequestedIdentity } from './authority.ts';

const nodePrefix = 'system:node:';

/**
 * Whether a certificate names a node by nothing but its own names and addresses. A node says itself where it is: an
 * address that another node has as well is nobody's.
 */
export function isOfNode(
  { commonName, dnsNames, addresses }: RequestedIdentity,
  nodes: readonly Readonly<Node>[],
): boolean {
  const name = commonName.slice(nodePrefix.length);
  const node = nodes.find(({ metadata }) => metadata.name === name);
  if (!commonName.startsWith(nodePrefix) || node === undefined) return false;
  const own = namesOf(node);
  const ofOthers = new Set(nodes.filter((other) => other !== node).flatMap(namesOf));
  return [...dnsNames, ...addresses].every((one) => own.includes(one) && !ofOthers.has(one));
}

function namesOf({ metadata, status }: Readonly<Node>): string[] {
  return [metadata.name, ...(status?.addresses ?? []).map(({ address }) => address)];
}

/** Whether a certificate is that of a user who is a part of the cluster, and in no group. */
export function isOwnPart(wanted: RequestedIdentity): boolean {
  const { commonName, organizations, dnsNames, addresses, emailAddresses, uris } = wanted;
  const more = [organizations, dnsNames, addresses, emailAddresses, uris];
  return commonName.startsWith('system:') && more.every((list) => list.length === 0);
}
