import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { ServiceReference } from '../../api/apiregistration/v1/types.ts';
import { Services } from '../../api/core/v1/types.ts';
import { refused } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import { proxyableAddress } from '../streams/proxyable-address.ts';
import { readyEndpoints } from '../streams/proxy-target.ts';

export interface Location {
  readonly host: string;
  readonly port: number;
  /** How the name is looked up; absent: it is an address. */
  readonly lookup?: LookupFunction;
}

/** Addresses are no names: they are checked here. */
function checkedName(name: string): string {
  if (isIP(name) !== 0 && proxyableAddress(name) === undefined)
    throw refused.unavailable(`address not allowed: ${name}`);
  return name;
}

/** What a name stands for is its owner's to say, and must not be this server or its node. */
const checkedLookup: LookupFunction = (name, options, callback) =>
  lookup(name, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, '');
    const allowed = found.filter(({ address }) => proxyableAddress(address) !== undefined);
    const [first] = allowed;
    if (first === undefined) return callback(new Error(`address not allowed: ${name}`), '');
    if (options.all === true) return callback(null, allowed);
    callback(null, first.address, first.family);
  });

/**
 * Where the server behind a Service is: one of its ready endpoints, whatever they belong to, or the name that it stands for.
 * Throws ServiceUnavailable when there is none, in the words of Kubernetes' resolver.
 */
export function locationOf(context: ServerContext, reference: Readonly<ServiceReference>): Location {
  const { namespace = '', name = '', port = 443 } = reference;
  const service = context.lookup(Services, { namespace, name });
  if (service === undefined) throw refused.unavailable(`service ${JSON.stringify(name)} not found`);
  const { type, externalName, ports = [] } = service.spec;
  if (type === 'ExternalName') return { host: checkedName(externalName ?? ''), port, lookup: checkedLookup };
  const wanted = ports.find((one) => one.port === port);
  if (wanted === undefined)
    throw refused.unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
  const choices = readyEndpoints(context, service, wanted.name ?? '').flatMap(({ endpoint, port: at }) => {
    // The server must not be led to itself, or to what listens for its machine only.
    const host = proxyableAddress(endpoint.addresses[0] ?? '');
    return host === undefined ? [] : [{ host, port: at }];
  });
  const chosen = choices[Math.floor(context.random.next() * choices.length)];
  if (chosen === undefined) throw refused.unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  return chosen;
}
