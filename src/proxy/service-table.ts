import type { Collection } from './elements.ts';
import type { TableLayout } from './table.ts';

/** What the rules know of the cluster's network. */
export interface NetworkRanges {
  readonly podCidr: string;
  readonly serviceCidr: string;
}

const frontend = 'ipv4_addr . inet_proto . inet_service';
/** How many clients of sticky Services are remembered; when all places are taken, the others are not. */
const mostStickyClients = 262_144;

/**
 * Each collection's declaration. Between two lookups the packet's mark holds the number of the group, and the connection's
 * the seat or the member that was chosen.
 */
const declarations: Readonly<Record<Collection, string>> = {
  frontends: `map frontends { type ${frontend} : mark; }`,
  outside: `map outside { type ${frontend} : mark; }`,
  groups: 'map groups { type mark : verdict; }',
  endpoints: 'map endpoints { type mark . mark : ipv4_addr . inet_service; }',
  seats: 'map seats { type mark . mark : mark; }',
  members: 'map members { type mark . mark : ipv4_addr . inet_service; }',
  masqueraded: `set masqueraded { type ${frontend}; }`,
  hairpins: 'set hairpins { type ipv4_addr . ipv4_addr; }',
  restricted: `set restricted { type ${frontend}; }`,
  allowed: `set allowed { type ${frontend} . ipv4_addr; flags interval; }`,
};

/** The table of Services. */
export function serviceTable(ranges: NetworkRanges): TableLayout<Collection> {
  return {
    name: 'kubeling-services',
    declarations,
    fixed: fixedLines(ranges),
    // One for each number of endpoints, not for each Service.
    chainOf: ({ collection, value }) =>
      collection === 'groups' && /^goto (spread|stick)-/.test(value) ? value.slice('goto '.length) : undefined,
    rulesOf,
  };
}

/**
 * Only the first packet of a connection comes through the chains of kind nat; the kernel remembers what was decided. So
 * refusals are there too: a refused connection is never remembered.
 */
function fixedLines({ podCidr, serviceCidr }: NetworkRanges): string[] {
  const destination = 'ip daddr . meta l4proto . th dport';
  return [
    `map clients { type mark . ipv4_addr : mark; flags dynamic,timeout; size ${mostStickyClients}; }`,
    'chain refuse {',
    '  meta l4proto tcp reject with tcp reset',
    '  reject with icmp port-unreachable',
    '}',
    'chain services {',
    `  ${destination} @restricted ${destination} . ip saddr != @allowed drop`,
    `  ip saddr != ${podCidr} fib saddr type != local meta mark set ${destination} map @outside meta mark vmap @groups`,
    `  meta mark set ${destination} map @frontends meta mark vmap @groups`,
    `  ip daddr ${serviceCidr} fib daddr type != local goto refuse`, // an address of the node's own answers by itself
    '}',
    'chain prerouting {',
    '  type nat hook prerouting priority dstnat; policy accept;',
    '  jump services',
    '}',
    'chain output {',
    '  type nat hook output priority -100; policy accept;',
    '  jump services',
    '}',
    'chain postrouting {',
    '  type nat hook postrouting priority srcnat; policy accept;',
    '  ct status & dnat == dnat jump masquerading',
    '}',
    'chain masquerading {',
    '  ip saddr 127.0.0.0/8 masquerade', // a pod could not answer it
    '  ip saddr . ip daddr @hairpins masquerade',
    `  ct original ip daddr ${serviceCidr} ip saddr != ${podCidr} fib saddr type != local masquerade`,
    ...['tcp', 'udp', 'sctp'].map(
      (protocol) =>
        `  meta l4proto ${protocol} ct original ip daddr . meta l4proto . ct original proto-dst @masqueraded masquerade`,
    ),
    '}',
    // Such a packet would pass as it is, and whoever gets it resets a connection that still works.
    'chain unknown {',
    '  type filter hook forward priority filter; policy accept;',
    '  ct state invalid drop',
    '}',
    // What belongs to no connection, such as a late packet of one that the kernel has forgotten.
    'chain strays {',
    '  type filter hook postrouting priority filter; policy accept;',
    `  oifname != "lo" ip daddr ${serviceCidr} drop`,
    '}',
  ];
}

/** The chain `spread-N` picks one of N seats; `stick-N-SECONDS` does so for clients that are not remembered. */
function rulesOf(chain: string): string[] {
  const [kind, count, seconds] = chain.split('-');
  const ports = 'meta l4proto { tcp, udp, sctp }';
  const client = 'meta mark . ip saddr';
  const seat = 'dnat ip to meta mark . ct mark map @members';
  const stay = `update @clients { ${client} timeout ${seconds}s : ct mark } ${seat}`;
  const pick = `ct mark set numgen random mod ${count}`;
  return kind === 'spread'
    ? [`${ports} ${pick} dnat ip to meta mark . ct mark map @endpoints`]
    : [
        `ct mark set ${client} map @clients`,
        `ct mark != 0 ${ports} ${stay}`,
        `delete @clients { ${client} : ct mark }`, // the endpoint is gone
        `${ports} ${pick} ct mark set meta mark . ct mark map @seats ${stay}`,
        `ct mark != 0 ${ports} ${seat}`, // no place was left to remember the client
      ];
}
