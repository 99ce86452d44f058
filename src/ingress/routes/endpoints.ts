import type { Service } from '../../api/core/v1/types.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { ipv4Text } from '../../apimachinery/ip.ts';
import type { Backend } from './routes.ts';

/** The Service of an EndpointSlice. */
export const serviceNameLabel = 'kubernetes.io/service-name';

/**
 * Where the requests for a backend go, as `address:port`, sorted: all that are ready; where none is, those that still
 * serve while they terminate. `slices` are those of the Service.
 */
export function endpointsOf(
  { port }: Pick<Backend, 'port'>,
  service: Readonly<Service> | undefined,
  slices: readonly Readonly<EndpointSlice>[],
): string[] {
  const found = service?.spec.ports?.find((one) =>
    'name' in port ? one.name === port.name : one.port === port.number,
  );
  if (found === undefined || (found.protocol ?? 'TCP') !== 'TCP') return [];
  const ready = new Set<string>();
  const terminating = new Set<string>();
  for (const { addressType, ports, endpoints } of slices) {
    if (addressType !== 'IPv4') continue;
    const number = ports?.find(({ name }) => (name ?? '') === (found.name ?? ''))?.port;
    if (number === undefined) continue;
    for (const { addresses, conditions } of endpoints ?? []) {
      const host = ipv4Text(addresses[0]!);
      if (host === undefined) continue;
      const address = `${host}:${number}`;
      if (conditions?.ready ?? true) ready.add(address);
      else if (conditions?.serving === true && conditions.terminating === true) terminating.add(address);
    }
  }
  return [...(ready.size > 0 ? ready : terminating)].sort();
}
