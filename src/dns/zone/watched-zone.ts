import { Namespaces, Services, type Service } from '../../api/core/v1/types.ts';
import { EndpointSlices, type EndpointSlice } from '../../api/discovery/v1/types.ts';
import { ipText, parseIp } from '../../apimachinery/ip.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { createInformer } from '../../client/informer-cache.ts';
import type { ClusterZone } from './cluster-zone.ts';
import { readyEndpoints, serviceRecords, type ServiceRecords } from './service-records.ts';

export interface WatchedZoneOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly domain: string;
  readonly server: string;
}

const serviceNameLabel = 'kubernetes.io/service-name';

/**
 * The zone of a cluster, kept by watching it. While the API server is away it stays as it was. The records of a Service
 * are made when somebody asks for them, and kept until it or its endpoints change.
 */
export function watchZone({ client, domain, server, ...sources }: WatchedZoneOptions): ClusterZone {
  const namespaces = createInformer(client, Namespaces, sources);
  const services = createInformer(client, Services, { ...sources, indexes: { address: addressesOfService } });
  const slices = createInformer(client, EndpointSlices, {
    ...sources,
    indexes: { service: (slice) => [serviceOf(slice)], address: addressesOfSlice },
  });
  const made = new Map<string, ServiceRecords | undefined>();
  let serial = 0;
  const forget = (...keys: string[]): void => {
    serial = Math.floor(sources.clock.now() / 1000);
    for (const key of keys) made.delete(key);
  };
  services.onChange(({ object: { metadata } }) => forget(keyOf(metadata.namespace, metadata.name)));
  slices.onChange((change) =>
    forget(serviceOf(change.object), ...(change.type === 'updated' ? [serviceOf(change.old)] : [])),
  );
  const make = (namespace: string, name: string, key: string): ServiceRecords | undefined => {
    const service = services.get({ namespace, name });
    const records = service && serviceRecords(service, slices.byIndex('service', key), domain);
    // What is not there is not kept: anybody can ask for any number of names.
    if (service !== undefined) made.set(key, records);
    return records;
  };

  return {
    domain,
    server,
    get serial() {
      return serial;
    },
    isComplete: () => namespaces.hasSynced() && services.hasSynced() && slices.hasSynced(),
    hasNamespace: (name) => namespaces.get({ name }) !== undefined,
    service(namespace, name) {
      const key = keyOf(namespace, name);
      return made.get(key) ?? make(namespace, name, key);
    },
    namesOf(address) {
      const [service] = services.byIndex('address', address);
      if (service !== undefined) return [hostOf(service.metadata, domain)];
      const names = slices.byIndex('address', address).flatMap((slice) =>
        readyEndpoints(slice)
          .filter((endpoint) => ipText(endpoint.address) === address)
          .map(({ label }) => `${label}.${hostOf({ ...slice.metadata, name: nameOf(slice) }, domain)}`),
      );
      return [...new Set(names)];
    },
  };
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace}/${name}`;
}

function hostOf({ namespace, name }: { namespace?: string; name: string }, domain: string): string {
  return `${name}.${namespace}.svc.${domain}`;
}

function nameOf({ metadata }: Readonly<EndpointSlice>): string {
  return metadata.labels?.[serviceNameLabel] ?? '';
}

function serviceOf(slice: Readonly<EndpointSlice>): string {
  return keyOf(slice.metadata.namespace, nameOf(slice));
}

function addressesOfService({ spec }: Readonly<Service>): string[] {
  return (spec.clusterIPs ?? [spec.clusterIP ?? '']).flatMap((text) => {
    const address = parseIp(text);
    return address === undefined ? [] : [ipText(address)];
  });
}

/** Slices that belong to no Service lead to no name. */
function addressesOfSlice(slice: Readonly<EndpointSlice>): string[] {
  if (nameOf(slice) === '') return [];
  return [...new Set(readyEndpoints(slice).map(({ address }) => ipText(address)))];
}
