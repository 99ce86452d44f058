import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from '../../api/core/v1/types.ts';
import { isReady } from '../pod-state.ts';
import { addressesOf, familyOf, hostnameOf, targetPortOf, type Family } from './service-pods.ts';

/** Most addresses that an Endpoints object holds; slices have no such limit. */
const endpointsCapacity = 1000;

/** The old form of a service's endpoints: ports that the same addresses serve stand together. */
export function planSubsets(
  service: Readonly<Service>,
  pods: readonly Readonly<Pod>[],
): { subsets: EndpointSubset[]; truncated: boolean } {
  const { spec } = service;
  const family = spec.ipFamilies?.[0] === 'IPv6' ? 'IPv6' : 'IPv4';
  const byPort = new Map<string, PortAddresses>();
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined && spec.publishNotReadyAddresses !== true) continue;
    const address = addressOf(service, pod, family);
    if (address === undefined) continue;
    const ready = spec.publishNotReadyAddresses === true || isReady(pod);
    for (const port of portsOf(service, pod)) {
      const key = JSON.stringify(port ?? null);
      const entry = byPort.get(key) ?? { port, addresses: [] };
      byPort.set(key, entry);
      entry.addresses.push({ ready, address });
    }
  }
  return truncate(packSubsets([...byPort.values()]));
}

interface PortAddresses {
  /** Absent for a headless service without ports. */
  readonly port: EndpointPort | undefined;
  readonly addresses: { readonly ready: boolean; readonly address: EndpointAddress }[];
}

function portsOf({ spec }: Readonly<Service>, pod: Readonly<Pod>): (EndpointPort | undefined)[] {
  if (!spec.ports?.length) return spec.clusterIP === 'None' ? [undefined] : [];
  return spec.ports.flatMap((servicePort) => {
    const { name, protocol = 'TCP', appProtocol } = servicePort;
    const port = targetPortOf(pod, servicePort);
    return port === undefined ? [] : [{ ...(name && { name }), port, protocol, ...(appProtocol && { appProtocol }) }];
  });
}

function addressOf(service: Readonly<Service>, pod: Readonly<Pod>, family: Family): EndpointAddress | undefined {
  const ip = addressesOf(pod).find((address) => familyOf(address) === family);
  if (ip === undefined) return undefined;
  const { namespace, name, uid } = pod.metadata;
  const hostname = hostnameOf(pod, service);
  const { nodeName } = pod.spec;
  return {
    ip,
    ...(hostname && { hostname }),
    ...(nodeName && { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function packSubsets(ports: readonly PortAddresses[]): EndpointSubset[] {
  const groups = new Map<string, { ports: EndpointPort[]; addresses: PortAddresses['addresses'] }>();
  for (const { port, addresses } of ports) {
    const sorted = addresses.toSorted((a, b) => compare(a.address.ip, b.address.ip));
    const key = sorted.map(({ ready, address }) => `${ready} ${address.ip} ${address.targetRef?.uid}`).join();
    const group = groups.get(key) ?? { ports: [], addresses: sorted };
    groups.set(key, group);
    if (port !== undefined) group.ports.push(port);
  }
  return [...groups.values()].map(({ ports: shared, addresses }) => {
    const ready = addresses.filter((one) => one.ready).map(({ address }) => address);
    const notReady = addresses.filter((one) => !one.ready).map(({ address }) => address);
    return {
      ...(ready.length > 0 ? { addresses: ready } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
      ...(shared.length > 0
        ? { ports: shared.sort((a, b) => compare(a.name ?? '', b.name ?? '') || a.port - b.port) }
        : {}),
    };
  });
}

/** Ready addresses have precedence where not all fit. */
function truncate(subsets: readonly EndpointSubset[]): { subsets: EndpointSubset[]; truncated: boolean } {
  const count = subsets.reduce(
    (sum, { addresses = [], notReadyAddresses = [] }) => sum + addresses.length + notReadyAddresses.length,
    0,
  );
  if (count <= endpointsCapacity) return { subsets: [...subsets], truncated: false };
  let room = endpointsCapacity;
  const take = (addresses: EndpointAddress[] | undefined): EndpointAddress[] | undefined => {
    const taken = addresses?.slice(0, room);
    room -= taken?.length ?? 0;
    return taken?.length ? taken : undefined;
  };
  const withReady = subsets.map((subset) => ({ subset, addresses: take(subset.addresses) }));
  const cut = withReady.map(({ subset, addresses }) => {
    const notReadyAddresses = take(subset.notReadyAddresses);
    return {
      ...(addresses && { addresses }),
      ...(notReadyAddresses && { notReadyAddresses }),
      ...(subset.ports && { ports: subset.ports }),
    };
  });
  return { subsets: cut.filter(({ addresses, notReadyAddresses }) => addresses ?? notReadyAddresses), truncated: true };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
