import type { Pod } from '../../api/core/v1/types.ts';

/** What goes into a pod's resolv.conf. */
export interface DnsSettings {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface ClusterDns {
  /** Addresses of the cluster's DNS servers; none: the cluster has no DNS. */
  readonly servers: readonly string[];
  /** `cluster.local`. */
  readonly domain: string;
}

/**
 * The DNS settings of a pod (Kubernetes' "DNS for Services and Pods"). `node` is what the node itself uses. A pod that
 * asks for cluster DNS where there is none gets the node's.
 */
export function dnsOf({ metadata, spec }: Readonly<Pod>, cluster: ClusterDns, node: DnsSettings): DnsSettings {
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  const wantsCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && spec.hostNetwork !== true);
  const base = policy === 'None' ? nothing : wantsCluster && cluster.servers.length > 0 ? clusterFirst() : node;
  return merged(base, spec.dnsConfig);

  function clusterFirst(): DnsSettings {
    const { domain, servers } = cluster;
    const own = [`${metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain];
    return { servers, searches: distinct([...own, ...node.searches]), options: ['ndots:5'] };
  }
}

const nothing: DnsSettings = { servers: [], searches: [], options: [] };

function merged(base: DnsSettings, extra: Readonly<Pod>['spec']['dnsConfig'] = {}): DnsSettings {
  const options = new Map<string, string | undefined>();
  for (const text of base.options) {
    const [name = '', value] = text.split(':', 2);
    options.set(name, value);
  }
  for (const { name, value } of extra.options ?? []) if (name !== undefined) options.set(name, value);
  return {
    servers: distinct([...base.servers, ...(extra.nameservers ?? [])]),
    searches: distinct([...base.searches, ...(extra.searches ?? [])]),
    options: [...options].map(([name, value]) => (value === undefined || value === '' ? name : `${name}:${value}`)),
  };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** Reads a resolv.conf. */
export function parseResolvConf(text: string): DnsSettings {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const of = (keyword: string) => lines.filter(([first]) => first === keyword).map((words) => words.slice(1));
  return {
    servers: of('nameserver').flat(),
    searches: (of('search').at(-1) ?? []).filter((one) => one !== '.'),
    options: of('options').flat(),
  };
}
