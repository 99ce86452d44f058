import { EndpointSlices, type Endpoint } from '../../api/discovery/v1/types.ts';
import { Pods, type Pod, type Service } from '../../api/core/v1/types.ts';
import { refused } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import { proxyableAddress } from './proxyable-address.ts';

/** Where a proxied request goes. */
export interface ProxyTarget {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

/** `name`, `name:port` or `scheme:name:port`, as the last part of a proxy address. */
export interface ProxyName {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  /** A number or the name of a port; empty when left out. */
  readonly port: string;
}

/** Throws BadRequest for anything else. */
export function parseProxyName(text: string): ProxyName {
  const parts = text.split(':');
  const [scheme, name, port] = parts.length === 3 ? parts : ['http', parts[0], parts[1] ?? ''];
  if (parts.length > 3 || !name || !['http', 'https', ''].includes(scheme!))
    throw refused.badRequest(`invalid service request ${JSON.stringify(text)}`);
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port: port ?? '' };
}

export function podTarget({ metadata, spec, status }: Readonly<Pod>, { scheme, port }: ProxyName): ProxyTarget {
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  const wanted =
    port === '' ? ports[0]?.containerPort : (ports.find(({ name }) => name === port)?.containerPort ?? Number(port));
  if (!status?.podIP)
    throw refused.badRequest(`address not allowed: pod ${JSON.stringify(metadata.name)} has no address`);
  return checked({ scheme, host: status.podIP, port: wanted ?? 80 });
}

/**
 * One of the ready endpoints behind the wanted port of a Service. Only pods of its own namespace count, at an address that
 * they have: everybody may write endpoints that name any other.
 */
export function serviceTarget(
  context: ServerContext,
  { metadata, spec }: Readonly<Service>,
  { scheme, port }: ProxyName,
): ProxyTarget {
  const portName = namedPort(metadata.name, spec, port);
  const choices = readyEndpoints(context, { metadata }, portName)
    .filter(({ endpoint }) => isPod(context, endpoint, metadata.namespace))
    .map(({ endpoint, port: at }) => ({ scheme, host: endpoint.addresses[0] ?? '', port: at }));
  const chosen = choices[Math.floor(context.random.next() * choices.length)];
  if (chosen === undefined)
    throw refused.unavailable(`no endpoints available for service ${JSON.stringify(metadata.name)}`);
  return checked(chosen);
}

/** The endpoints that are ready behind the port of a Service that has this name, each with its own port. */
export function readyEndpoints(
  context: ServerContext,
  { metadata: { namespace, name } }: Pick<Service, 'metadata'>,
  portName: string,
): { readonly endpoint: Endpoint; readonly port: number }[] {
  return context
    .scan(EndpointSlices, namespace)
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap(({ ports, endpoints }) => {
      const port = ports?.find((one) => (one.name ?? '') === portName)?.port;
      if (port === undefined) return [];
      const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
      return ready.map((endpoint) => ({ endpoint, port }));
    });
}

function isPod(
  { lookup }: ServerContext,
  { targetRef, addresses: [address = ''] }: Endpoint,
  namespace: string | undefined,
): boolean {
  if (targetRef?.kind !== 'Pod' || targetRef.namespace !== namespace || !targetRef.name) return false;
  const pod = lookup(Pods, { namespace: namespace ?? '', name: targetRef.name });
  return pod?.status?.podIPs?.some(({ ip }) => ip === address) ?? false;
}

/** The name that the endpoints have for the wanted port: a number is one of the Service's own, all else is a name. */
function namedPort(service: string, { ports = [] }: Service['spec'], wanted: string): string {
  if (!/^[+-]?\d+$/.test(wanted)) return wanted;
  const found = ports.find(({ port }) => port === Number(wanted));
  if (found === undefined)
    throw refused.unavailable(`no service port ${Number(wanted)} found for service ${JSON.stringify(service)}`);
  return found.name ?? '';
}

function checked(target: ProxyTarget): ProxyTarget {
  const host = proxyableAddress(target.host);
  if (host === undefined) throw refused.badRequest('address not allowed');
  if (!Number.isInteger(target.port) || target.port < 1 || target.port > 65535)
    throw refused.badRequest(`invalid port: ${target.port}`);
  return { ...target, host };
}
