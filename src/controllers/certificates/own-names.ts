import type { Node } from '../../api/core/v1/types.ts';
import { ingressGroup, nodeOfIngress } from '../../api/networking/ingress-user.ts';
import { globalAddress } from '../../apimachinery/global-address.ts';
import { cidrContains, parseCidr, parseIp } from '../../apimachinery/ip.ts';
import type { RequestedIdentity } from './authority.ts';

const nodePrefix = 'system:node:';

/** Who is where in a cluster. */
export interface NodePlaces {
  readonly nodes: readonly Readonly<Node>[];
  /** The addresses that the cluster's configuration gives to nodes, by their names. */
  readonly given: ReadonlyMap<string, string>;
  /** Ranges of Services and pods. */
  readonly ranges: readonly string[];
  /** Where the API server is reached. */
  readonly apiServer: readonly string[];
}

/** Names that lead to the API server, to Services or to whoever asks: no node is trusted by them. */
const namesOfOthers = /^(?:localhost|kubernetes)(?:\.|$)|\.(?:svc|cluster\.local|localhost)$/;

/**
 * Whether a certificate names a node by nothing but its own name and addresses. What the configuration gave a node is
 * its address, also where the API server is on the same machine. Of any other node one knows only what it says itself:
 * that counts unless somebody else is there.
 */
export function isOfNode({ commonName, dnsNames, addresses }: RequestedIdentity, places: NodePlaces): boolean {
  const name = commonName.slice(nodePrefix.length);
  const node = places.nodes.find(({ metadata }) => metadata.name === name);
  if (!commonName.startsWith(nodePrefix) || node === undefined || namesOfOthers.test(name)) return false;
  if (dnsNames.some((one) => one !== name)) return false;
  const own = addressesOf(node, places);
  const { ranges } = places;
  return addresses.every((text) => {
    const address = globalAddress(text);
    return address !== undefined && own.has(address) && !ranges.some((range) => isIn(range, address));
  });
}

function addressesOf(node: Readonly<Node>, { nodes, given, apiServer }: NodePlaces): Set<string> {
  const configured = given.get(node.metadata.name);
  if (configured !== undefined) return canonical([configured]);
  const others = nodes.filter((other) => other !== node).flatMap(({ status }) => status?.addresses ?? []);
  const taken = canonical([...given.values(), ...apiServer, ...others.map(({ address }) => address)]);
  const said = (node.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP');
  return new Set([...canonical(said.map(({ address }) => address))].filter((address) => !taken.has(address)));
}

function canonical(addresses: readonly string[]): Set<string> {
  return new Set(addresses.map(globalAddress).filter((address) => address !== undefined));
}

function isIn(range: string, address: string): boolean {
  const cidr = parseCidr(range);
  return cidr !== undefined && cidrContains(cidr, parseIp(address)!);
}

/** Whether a certificate is that of a user who is a part of the cluster, and in no group but that of ingresses if he is one. */
export function isOwnPart(wanted: RequestedIdentity): boolean {
  const { commonName, organizations, dnsNames, addresses, emailAddresses, uris } = wanted;
  if (!commonName.startsWith('system:')) return false;
  if ([dnsNames, addresses, emailAddresses, uris].some((list) => list.length > 0)) return false;
  if (organizations.length === 0) return true;
  return (
    organizations.join() === ingressGroup && nodeOfIngress({ name: commonName, groups: organizations }) !== undefined
  );
}
