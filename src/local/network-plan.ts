import { createHash } from 'node:crypto';
import type { PortMapping } from './cluster-spec.ts';
import { UserError } from './problem.ts';
import type { Resolver } from './resolver.ts';
import { addressIn, cidr, cidrText, overlap, partOf, type Cidr } from './cidr.ts';

/** The address ranges of a cluster. Nodes' addresses are seen by the host; pods' and Services' only inside the nodes. */
export interface ClusterRanges {
  readonly nodes: string;
  readonly pods: string;
  readonly services: string;
}

/** Where to look for a free range of node addresses, 24 bits each. */
const nodeRanges = ['172.29.0.0/16', '10.213.0.0/16', '198.18.0.0/16'].map(cidr);
const podRanges = ['10.244.0.0/16', '10.245.0.0/16', '10.242.0.0/16', '172.27.0.0/16'].map(cidr);
const serviceRanges = ['10.96.0.0/16', '10.97.0.0/16', '10.95.0.0/16', '172.26.0.0/16'].map(cidr);

/** What a user wants of the ranges. */
export interface AskedRanges {
  readonly pods?: string;
  readonly services?: string;
}

/**
 * Ranges that do not overlap what the machine routes already (`taken`: its routes and addresses), nor each other: those
 * that are asked for, and others of our choice. Throws {@link UserError} when one that is asked for is not free, and an
 * error when nothing is.
 */
export function chooseRanges(taken: readonly Cidr[], asked: AskedRanges = {}): ClusterRanges {
  const { pods, services } = asked;
  const wanted = [pods, services].filter((range) => range !== undefined);
  for (const [field, range] of [
    ['networking.podSubnet', pods],
    ['networking.serviceSubnet', services],
  ] as const) {
    const other = range === undefined ? undefined : taken.find((one) => overlap(one, cidr(range)));
    if (other !== undefined)
      throw new UserError(
        `Cannot give the cluster its addresses: ${field}: must not overlap what this machine routes (${cidrText(other)}), and is ${range}`,
      );
  }
  const used = [...taken, ...wanted.map(cidr)];
  const choose = (candidates: readonly Cidr[], what: string): string => {
    const free = candidates.find((candidate) => !used.some((other) => overlap(candidate, other)));
    if (free === undefined)
      throw new Error(`Cannot find a free address range for ${what}: this machine routes all that are tried`);
    used.push(free);
    return cidrText(free);
  };
  const nodeCandidates = nodeRanges.flatMap((range) =>
    Array.from({ length: 256 }, (_, index) => partOf(range, 24, index)),
  );
  return {
    nodes: choose(nodeCandidates, 'nodes'),
    pods: pods === undefined ? choose(podRanges, 'pods') : cidrText(cidr(pods)),
    services: services === undefined ? choose(serviceRanges, 'Services') : cidrText(cidr(services)),
  };
}

/**
 * Names of what a cluster has in the host's network. Interface names end at 15 letters, so the cluster's name is
 * hashed.
 */
export interface HostNames {
  readonly bridge: string;
  /** Of the host's end of a node's cable: the bridge's name, a dash and a number. */
  cable(index: number): string;
  readonly table: string;
}

/** `folder`: the cluster's own folder, which no other cluster has. */
export function hostNames(folder: string): HostNames {
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  return { bridge: `kl-${id}`, cable: (index) => `kl-${id}-${index}`, table: `kubeling-${id}` };
}

/** The host's own address on the cluster's bridge: the nodes' gateway. */
export function gatewayOf(nodes: string): string {
  return addressIn(cidr(nodes), 1);
}

/** The addresses of the nodes' range that are left to load balancers: the host reaches them as it reaches nodes. */
export function balancerRange(nodes: string): string {
  return `${addressIn(cidr(nodes), 200)}-${addressIn(cidr(nodes), 250)}`;
}

/** The address of the `index`-th node (0 is the first). */
export function nodeAddress(nodes: string, index: number): string {
  return addressIn(cidr(nodes), 2 + index);
}

/** A port of the host that leads to a node. */
export type MappedPort = PortMapping & { readonly address: string };

/**
 * What the host does with packets of the nodes: lets them pass, and sends them out under its own address. And with those
 * to its mapped ports, from wherever they come: sends them to the node.
 */
export function hostTable(names: HostNames, nodes: string, ports: readonly MappedPort[] = []): string {
  return table(names.table, [
    'chain forward {',
    '  type filter hook forward priority filter; policy accept;',
    `  iifname "${names.bridge}" accept`,
    `  oifname "${names.bridge}" accept`,
    '}',
    'chain postrouting {',
    '  type nat hook postrouting priority srcnat; policy accept;',
    `  ip saddr ${nodes} ip daddr != ${nodes} oifname != "${names.bridge}" masquerade`,
    ...(ports.length === 0 ? [] : returning(names.bridge)),
    '}',
    ...(ports.length === 0 ? [] : mapping(names.bridge, ports)),
  ]);
}

/**
 * Answers must come back through the host: to a loopback address there is no other way, between two nodes a shorter
 * one.
 */
function returning(bridge: string): string[] {
  return [
    `  ip saddr 127.0.0.0/8 oifname "${bridge}" masquerade`,
    `  iifname "${bridge}" oifname "${bridge}" ct status dnat masquerade`,
  ];
}

/**
 * Mapping a loopback address takes a setting of the bridge that would let nodes reach the host's own; so that is
 * refused.
 */
function mapping(bridge: string, ports: readonly MappedPort[]): string[] {
  const rules = ports.map(({ listen, hostPort, protocol, address, nodePort }) => {
    const to = listen === '0.0.0.0' ? 'fib daddr type local' : `ip daddr ${listen}`;
    return `  ${to} ${protocol.toLowerCase()} dport ${hostPort} dnat to ${address}:${nodePort}`;
  });
  return [
    'chain loopback {',
    '  type filter hook prerouting priority raw; policy accept;',
    `  iifname "${bridge}" ip daddr 127.0.0.0/8 drop`,
    '}',
    'chain prerouting {',
    '  type nat hook prerouting priority dstnat; policy accept;',
    ...rules,
    '}',
    'chain output {',
    '  type nat hook output priority -100; policy accept;',
    ...rules,
    '}',
  ];
}

/**
 * What a node does with packets of its pods that leave the pod network: sends them out under the node's address. And where
 * the machine's name server is on a loopback address: questions to it go to the one behind it. What the node itself asks of
 * loopback addresses may be routed, so nobody else's packets to or from them come in.
 */
export function nodeTable(ranges: ClusterRanges, resolver: Resolver): string {
  const { redirect } = resolver;
  const output =
    redirect === undefined
      ? []
      : [
          'chain output {',
          '  type nat hook output priority -100; policy accept;',
          `  ip daddr ${redirect.from} udp dport 53 dnat to ${redirect.upstream}`,
          `  ip daddr ${redirect.from} tcp dport 53 dnat to ${redirect.upstream}`,
          '}',
        ];
  return table('kubeling-node', [
    ...output,
    'chain loopback {',
    '  type filter hook prerouting priority raw; policy accept;',
    '  iifname != "lo" ip daddr 127.0.0.0/8 drop',
    '  iifname != "lo" ip saddr 127.0.0.0/8 drop',
    '}',
    'chain postrouting {',
    '  type nat hook postrouting priority srcnat; policy accept;',
    `  ip saddr ${ranges.pods} ip daddr != ${ranges.pods} oifname "eth0" masquerade`,
    '  ip saddr 127.0.0.0/8 oifname "eth0" masquerade',
    '}',
  ]);
}

/** A transaction that replaces the whole table. */
function table(name: string, lines: readonly string[]): string {
  return [
    `table ip ${name}`,
    `delete table ip ${name}`,
    `table ip ${name} {`,
    ...lines.map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n');
}
