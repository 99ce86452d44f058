import type { Service } from '../../../api/core/v1/types.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/discovery/v1/types.ts';
import { ipText } from '../../../apimachinery/ip.ts';
import type { ClusterZone } from '../cluster-zone.ts';
import { readyEndpoints, serviceRecords } from '../service-records.ts';

const domain = 'cluster.local';

function service(name: string, spec: Service['spec'], namespace = 'shop'): Service {
  return { metadata: { name, namespace }, spec };
}

function slice(
  of: string,
  addressType: EndpointSlice['addressType'],
  endpoints: Endpoint[],
  ports: EndpointPort[] = [],
): EndpointSlice {
  const labels = { 'kubernetes.io/service-name': of };
  return { metadata: { name: `${of}-${addressType}`, namespace: 'shop', labels }, addressType, endpoints, ports };
}

const web = [
  { name: 'http', protocol: 'TCP' as const, port: 80 },
  { name: 'https', protocol: 'TCP' as const, port: 443 },
];
const sql: EndpointPort[] = [{ name: 'sql', protocol: 'TCP', port: 5432 }];
const alias = (name: string, externalName: string): Service => service(name, { type: 'ExternalName', externalName });

const services: readonly Service[] = [
  service('kube-dns', { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] }, 'kube-system'),
  service('web', { clusterIP: '10.96.0.20', clusterIPs: ['10.96.0.20'], ports: web }),
  service('six', { clusterIP: 'fd00::20', clusterIPs: ['fd00::20'], ports: web }),
  service('both', { clusterIP: '10.96.0.30', clusterIPs: ['10.96.0.30', 'fd00::30'], ports: web }),
  service('db', { clusterIP: 'None', clusterIPs: ['None'] }),
  service('quiet', { clusterIP: 'None', clusterIPs: ['None'] }),
  service('bare', { clusterIP: 'None', clusterIPs: ['None'] }),
  alias('alias', 'web.shop.svc.cluster.local'),
  alias('far', 'alias.shop.svc.cluster.local.'),
  alias('lost', 'nobody.shop.svc.cluster.local'),
  alias('round', 'trip.shop.svc.cluster.local'),
  alias('trip', 'round.shop.svc.cluster.local'),
  alias('self', 'SELF.shop.svc.cluster.local'),
  alias('away', 'db.example.com'),
  alias('odd', '192.0.2.1'),
];

const slices: readonly EndpointSlice[] = [
  slice('web', 'IPv4', [{ addresses: ['10.244.1.9'] }], web),
  slice(
    'db',
    'IPv4',
    [
      { addresses: ['10.244.1.5'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.244.2.7'], hostname: 'twin', conditions: {} },
      { addresses: ['10.244.2.8'], hostname: 'twin' },
      { addresses: ['10.244.9.9'], hostname: 'db-9', conditions: { ready: false, serving: true } },
    ],
    sql,
  ),
  slice('db', 'IPv6', [{ addresses: ['fd00:1::'] }], sql),
  slice('quiet', 'IPv4', [{ addresses: ['10.244.4.4'], conditions: { ready: false } }], sql),
  slice('bare', 'IPv4', [{ addresses: ['10.244.3.3'] }]),
];

/** A cluster with Services of every kind. */
export function sampleZone(): ClusterZone {
  const slicesOf = (name: string) =>
    slices.filter(({ metadata }) => metadata.labels!['kubernetes.io/service-name'] === name);
  return {
    domain,
    server: '10.96.0.10',
    serial: 7,
    isComplete: () => true,
    hasNamespace: (name) => ['default', 'kube-system', 'shop'].includes(name),
    service(namespace, name) {
      const found = services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
      return found && serviceRecords(found, slicesOf(name), domain);
    },
    namesOf(address) {
      const owner = services.find(({ spec }) => spec.clusterIPs?.includes(address));
      if (owner !== undefined) return [`${owner.metadata.name}.${owner.metadata.namespace}.svc.${domain}`];
      return slices.flatMap((one) =>
        readyEndpoints(one)
          .filter((endpoint) => ipText(endpoint.address) === address)
          .map(({ label }) => `${label}.${one.metadata.labels!['kubernetes.io/service-name']}.shop.svc.${domain}`),
      );
    },
  };
}
