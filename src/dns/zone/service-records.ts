import type { Service } from '../../api/core/v1/types.ts';
import type { EndpointSlice } from '../../api/discovery/v1/types.ts';
import { ipText, parseIp, type IpBytes } from '../../apimachinery/ip.ts';

/** An address behind a name, with one port. Without ports there is one target without a port. */
export interface Target {
  readonly address: IpBytes;
  /** What SRV records call it. */
  readonly host: string;
  readonly port: Port | undefined;
}

export interface Port {
  readonly number: number;
  /** In small letters. */
  readonly name: string;
  /** In small letters. */
  readonly protocol: string;
}

/** The records of one Service. */
export type ServiceRecords =
  /** An alias of another name. */
  | { readonly kind: 'alias'; readonly target: string }
  | {
      readonly kind: 'targets';
      /** Of the Service's own name: its addresses, or its endpoints where it has none. */
      readonly own: readonly Target[];
      /** Of its endpoints, by the label before the Service's name, in small letters. */
      readonly endpoints: ReadonlyMap<string, readonly Target[]>;
    };

/** What a Service and its slices have names for, below `domain`. */
export function serviceRecords(
  service: Readonly<Service>,
  slices: readonly Readonly<EndpointSlice>[],
  domain: string,
): ServiceRecords | undefined {
  const { metadata, spec } = service;
  const host = `${metadata.name}.${metadata.namespace}.svc.${domain}`;
  if (spec.type === 'ExternalName') {
    const target = (spec.externalName ?? '').replace(/\.$/, '');
    return target === '' || parseIp(target) !== undefined ? undefined : { kind: 'alias', target };
  }
  const endpoints = slices.flatMap((slice) => endpointTargets(slice, host));
  const own = spec.clusterIP === 'None' ? endpoints.map(({ target }) => target) : addressTargets(spec, host);
  const byLabel = Map.groupBy(endpoints, ({ label }) => label.toLowerCase());
  return {
    kind: 'targets',
    own,
    endpoints: new Map([...byLabel].map(([label, all]) => [label, all.map(({ target }) => target)])),
  };
}

function addressTargets(spec: Readonly<Service>['spec'], host: string): Target[] {
  const texts = spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? ''];
  const addresses = texts.map(parseIp).filter((address) => address !== undefined);
  const ports = portsOf(spec.ports?.map(({ port, name, protocol }) => ({ number: port, name, protocol })));
  return ports.flatMap((port) => addresses.map((address) => ({ address, host, port })));
}

function endpointTargets(slice: Readonly<EndpointSlice>, host: string): { label: string; target: Target }[] {
  const ports = portsOf(slice.ports?.map(({ port, name, protocol }) => ({ number: port, name, protocol })));
  return readyEndpoints(slice).flatMap(({ address, label }) =>
    ports.map((port) => ({ label, target: { address, host: `${label}.${host}`, port } })),
  );
}

/** The ready endpoints of a slice, each with the label that its own name begins with. */
export function readyEndpoints({ addressType, endpoints }: Readonly<EndpointSlice>): NamedEndpoint[] {
  if (addressType === 'FQDN') return [];
  return (endpoints ?? []).flatMap(({ addresses, conditions, hostname }) => {
    // Unknown counts as ready; with publishNotReadyAddresses all are said to be.
    if (conditions?.ready === false) return [];
    const known = addresses.map(parseIp).filter((address) => address !== undefined);
    return known.map((address) => ({ address, label: hostname || labelOf(address) }));
  });
}

export interface NamedEndpoint {
  readonly address: IpBytes;
  readonly label: string;
}

/** An address as a label. */
function labelOf(address: IpBytes): string {
  const label = ipText(address).replace(/[.:]/g, '-');
  return label.endsWith('-') ? `${label}0` : label;
}

function portsOf(
  ports: readonly { number?: number; name?: string; protocol?: string }[] = [],
): readonly (Port | undefined)[] {
  if (ports.length === 0) return [undefined];
  return ports.map(({ number, name = '', protocol = '' }) =>
    number === undefined ? undefined : { number, name: name.toLowerCase(), protocol: protocol.toLowerCase() },
  );
}
