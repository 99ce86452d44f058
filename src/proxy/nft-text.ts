import type { Difference } from './claims.ts';
import { collections, type Collection, type Element } from './elements.ts';

/** The proxy's own table. Nothing else is in it, and it touches nothing else. */
const tableName = 'kubeling-services';

/** The fixed part of the table's content. */
export interface TableRanges {
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

/** A transaction that replaces the whole table. */
export function wholeTable(elements: readonly Element[], ranges: TableRanges): string {
  return [
    `table ip ${tableName}`,
    `delete table ip ${tableName}`,
    `table ip ${tableName} {`,
    ...collections.map((collection) => `  ${declarations[collection]}`),
    `  map clients { type mark . ipv4_addr : mark; flags dynamic,timeout; size ${mostStickyClients}; }`,
    ...fixedChains(ranges).map((line) => `  ${line}`),
    '}',
    ...[...chainsOf(elements)].flatMap(chainCommands),
    ...elementCommands('add', elements),
    '',
  ].join('\n');
}

/** A transaction that carries out a difference; `chains` are those that the table has of {@link chainsOf}. */
export function tableChange({ remove, add }: Difference, chains: ReadonlySet<string>): string {
  const missing = [...chainsOf(add)].filter((chain) => !chains.has(chain));
  return [
    ...missing.flatMap(chainCommands),
    ...elementCommands('delete', remove),
    ...elementCommands('add', add),
    '',
  ].join('\n');
}

/** Chains that elements lead to, beside the fixed ones: one for each number of endpoints, not for each Service. */
export function chainsOf(elements: readonly Element[]): Set<string> {
  const found = new Set<string>();
  for (const { collection, value } of elements)
    if (collection === 'groups' && /^goto (spread|stick)-/.test(value)) found.add(value.slice('goto '.length));
  return found;
}

/**
 * Only the first packet of a connection comes through the chains of kind nat; the kernel remembers what was decided. So
 * refusals are there too: a refused connection is never remembered.
 */
function fixedChains({ podCidr, serviceCidr }: TableRanges): string[] {
  const destination = 'ip daddr . meta l4proto . th dport';
  return [
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
    '  ip saddr . ip daddr @hairpins masquerade',
    `  ct original ip daddr ${serviceCidr} ip saddr != ${podCidr} fib saddr type != local masquerade`,
    ...['tcp', 'udp', 'sctp'].map(
      (protocol) =>
        `  meta l4proto ${protocol} ct original ip daddr . meta l4proto . ct original proto-dst @masqueraded masquerade`,
    ),
    '}',
    // What belongs to no connection, such as a late packet of one that the kernel has forgotten.
    'chain strays {',
    '  type filter hook postrouting priority filter; policy accept;',
    `  oifname != "lo" ip daddr ${serviceCidr} drop`,
    '}',
  ];
}

/** The chain `spread-N` picks one of N seats; `stick-N-SECONDS` does so for clients that are not remembered. */
function chainCommands(chain: string): string[] {
  const [kind, count, seconds] = chain.split('-');
  const rule = (text: string): string => `add rule ip ${tableName} ${chain} ${text}`;
  const ports = 'meta l4proto { tcp, udp, sctp }';
  const client = 'meta mark . ip saddr';
  const seat = 'dnat ip to meta mark . ct mark map @members';
  const stay = `update @clients { ${client} timeout ${seconds}s : ct mark } ${seat}`;
  const pick = `ct mark set numgen random mod ${count}`;
  const rules =
    kind === 'spread'
      ? [`${ports} ${pick} dnat ip to meta mark . ct mark map @endpoints`]
      : [
          `ct mark set ${client} map @clients`,
          `ct mark != 0 ${ports} ${stay}`,
          `delete @clients { ${client} : ct mark }`, // the endpoint is gone
          `${ports} ${pick} ct mark set meta mark . ct mark map @seats ${stay}`,
          `ct mark != 0 ${ports} ${seat}`, // no place was left to remember the client
        ];
  return [`add chain ip ${tableName} ${chain}`, `flush chain ip ${tableName} ${chain}`, ...rules.map(rule)];
}

function elementCommands(verb: 'add' | 'delete', elements: readonly Element[]): string[] {
  const texts = new Map<Collection, string[]>(collections.map((collection) => [collection, []]));
  for (const { collection, key, value } of elements)
    texts.get(collection)!.push(verb === 'delete' || value === '' ? key : `${key} : ${value}`);
  return [...texts].flatMap(([collection, all]) =>
    all.length === 0 ? [] : [`${verb} element ip ${tableName} ${collection} { ${all.join(', ')} }`],
  );
}
