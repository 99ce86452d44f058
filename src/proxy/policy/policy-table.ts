import type { TableLayout } from '../table.ts';
import type { Profile } from './profile.ts';

/** The maps and sets of the table of policies. */
export type PolicyCollection =
  | 'ingress'
  | 'egress'
  | 'itself'
  | 'walks'
  | 'peers'
  | 'ports'
  | 'members'
  | 'ranges'
  | 'services';

/** How many refused connections are remembered, and how long after their last packet. */
const remembered = 4096;
const rememberedSeconds = 600;
const service = 'meta l4proto . th dport';

/**
 * A pod that policies isolate has the number of its profile in `ingress`, `egress`, or both. A profile is a list of steps:
 * `peers` and `ports` say for a step which group of pods, or which ranges, are let through to which ports, each by a
 * number of its own. So what many pods and policies share is there once.
 */
export const policyTable: TableLayout<PolicyCollection> = {
  name: 'kubeling-policies',
  declarations: {
    ingress: 'map ingress { type ipv4_addr : mark; }',
    egress: 'map egress { type ipv4_addr : mark; }',
    itself: 'set itself { type ipv4_addr . ipv4_addr; }',
    walks: 'map walks { type mark : verdict; }',
    peers: 'map peers { type mark . mark : mark; }',
    ports: 'map ports { type mark . mark : mark; }',
    members: 'set members { type mark . ipv4_addr; }',
    ranges: 'set ranges { type mark . ipv4_addr; flags interval; }',
    services: 'set services { type mark . inet_proto . inet_service; flags interval; }',
  },
  fixed: fixedLines(),
  chainOf: ({ collection, value }) => (collection === 'walks' ? value.slice('goto '.length) : undefined),
  rulesOf,
};

/** The chain that walks through a profile: one for each two numbers of steps, not for each profile. */
export function walkOf({ direction, pods, addresses }: Profile): string {
  return `${direction}-${pods.length}-${addresses.length}`;
}

/**
 * What the node itself sends or takes passes no hook of these: its probes, and whatever uses its network. Of what is
 * forwarded, only the first packet of a connection is looked at; a connection that was let through goes on in both
 * directions, and a flow without an answer is looked at again with each packet.
 */
function fixedLines(): string[] {
  return [
    `set refused { type mark . ipv4_addr . ipv4_addr . inet_proto . inet_service; size ${remembered}; flags dynamic,timeout; timeout ${rememberedSeconds}s; counter; }`,
    'set denied { type mark; size 65536; flags dynamic,timeout; timeout 1h; counter; }',
    'chain refuse {',
    `  update @refused { meta mark . ip saddr . ip daddr . ${service} counter }`,
    '  update @denied { meta mark counter } drop',
    '  drop', // there was no room to count
    '}',
    'chain walk {',
    '  meta mark vmap @walks',
    '}',
    'chain forward {',
    '  type filter hook forward priority filter; policy accept;',
    '  ct state established,related accept',
    // A source that is not the pod's own would evade its policies. Answers to it would not come back to the pod.
    '  iifname "veth*" fib saddr . iif oif missing goto refuse',
    '  ip saddr . ip daddr @itself accept',
    '  meta mark set ip saddr map @egress jump walk',
    '  meta mark set ip daddr map @ingress jump walk',
    '}',
  ];
}

/**
 * Of `ingress-2-1` the steps 0 and 1 are about groups of pods, step 2 is about ranges. The mark of the packet has the
 * profile, that of the connection the step, then the group, then the ports.
 */
function rulesOf(chain: string): string[] {
  const [direction, pods, addresses] = chain.split('-');
  const peer = direction === 'ingress' ? 'ip saddr' : 'ip daddr';
  const step = (index: number, set: string): string => {
    const take = (map: string) => `ct mark set ${index} ct mark set meta mark . ct mark map @${map}`;
    return `${take('peers')} ct mark . ${peer} @${set} ${take('ports')} ct mark . ${service} @services return`;
  };
  const podSteps = Number(pods);
  return [
    ...Array.from({ length: podSteps }, (_, index) => step(index, 'members')),
    ...Array.from({ length: Number(addresses) }, (_, index) => step(podSteps + index, 'ranges')),
    'goto refuse',
  ];
}
