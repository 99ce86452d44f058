import { Nodes, type Node } from '../../api/core/v1/types.ts';
import { refused } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import { proxyableAddress } from './proxyable-address.ts';

export interface KubeletAddress {
  readonly host: string;
  readonly port: number;
}

/** Where a node says that its kubelet listens. Throws a `StatusError` when it says no address. */
export function kubeletAddress({ metadata, status }: Readonly<Node>): KubeletAddress {
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10250;
  const host = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  if (host === undefined)
    throw refused.other(500, undefined, `no preferred addresses found; known addresses: [] of node ${metadata.name}`);
  return { host, port };
}

/**
 * The kubelet that `nodes/NAME/proxy` means; the name may say the kubelet's port, also with the scheme. Other ports of a
 * node are refused: through the server everybody with that right would reach whatever else listens there. So are
 * addresses that lead to the server itself or to its machine's own services; nodes say their addresses themselves.
 */
export function kubeletOfNode({ lookup }: Pick<ServerContext, 'lookup'>, text: string): KubeletAddress {
  const [, name = '', wanted] = /^(?:https?:)?([^:]*)(?::(\d*))?$/.exec(text) ?? [];
  const node = lookup(Nodes, { name });
  if (node === undefined) throw refused.notFound(Nodes, name || text);
  const address = kubeletAddress(node);
  if (wanted !== undefined && wanted !== '' && Number(wanted) !== address.port)
    throw refused.badRequest(`address not allowed: only port ${address.port} of node ${JSON.stringify(name)} is`);
  const host = proxyableAddress(address.host);
  if (host === undefined)
    throw refused.badRequest(`address not allowed: node ${JSON.stringify(name)} is at ${JSON.stringify(address.host)}`);
  return { ...address, host };
}
