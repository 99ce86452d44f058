/** Protocols that Services speak, as nftables names them. */
export type Protocol = 'tcp' | 'udp' | 'sctp';

/** What kind of address it is, which tells whose claim to it comes first. */
export type FrontendClass = 'cluster' | 'node' | 'balancer' | 'external';

/** An address, protocol and port that clients speak to, and where their connections go. */
export interface Frontend {
  readonly address: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly class: FrontendClass;
  /** Name of the group that answers. */
  readonly group: string;
  /** Name of the group that answers clients outside the cluster, where it is another one. */
  readonly outside?: string;
  /** Whether the endpoint sees the node as its client, so that answers come back through this node. */
  readonly masquerade?: boolean;
  /** IPv4 ranges of the only clients that are let in; absent: all are. */
  readonly allowed?: readonly string[];
}

/** Endpoints over which connections are spread. */
export interface Group {
  readonly name: string;
  /** `10.244.0.5 . 8080`, each once. */
  readonly endpoints: readonly string[];
  /** What happens to connections while there is no endpoint. */
  readonly otherwise: 'refuse' | 'drop';
  /** How long a client stays with its endpoint after its last connection; absent: each connection is for itself. */
  readonly stickySeconds?: number;
}

/** What one Service, or one pod with host ports, wants of the node's packet rules. */
export interface TrafficPlan {
  /** When the object was made. */
  readonly since?: string;
  readonly frontends: readonly Frontend[];
  readonly groups: readonly Group[];
  /** Addresses of pods of this node that may reach themselves by a frontend. */
  readonly hairpins: readonly string[];
}

/** A connection's original destination and where it was sent. */
export interface Flow {
  readonly address: string;
  readonly port: number;
  readonly endpoint: string;
}

/**
 * The UDP flows that `old` allowed and `now` does not. The kernel goes on sending such a flow to its endpoint for as long
 * as the client speaks, unless it is made to forget it; a TCP connection ends by itself.
 */
export function lostFlows(old: TrafficPlan | undefined, now: TrafficPlan | undefined): Flow[] {
  if (old === undefined || !old.frontends.some(({ protocol }) => protocol === 'udp')) return [];
  const kept = flows(now);
  return [...flows(old)].filter(([key]) => !kept.has(key)).map(([, flow]) => flow);
}

function flows(plan: TrafficPlan | undefined): Map<string, Flow> {
  const endpoints = new Map(plan?.groups.map((group) => [group.name, group.endpoints]));
  const found = new Map<string, Flow>();
  for (const { address, protocol, port, group, outside } of plan?.frontends ?? []) {
    if (protocol !== 'udp') continue;
    for (const name of outside === undefined ? [group] : [group, outside])
      for (const endpoint of endpoints.get(name) ?? [])
        found.set(`${address} ${port} ${endpoint}`, { address, port, endpoint });
  }
  return found;
}
