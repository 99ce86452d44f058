import type { Frontend, Group, TrafficPlan } from './traffic-plan.ts';

/** The maps and sets of the table; `nft-text.ts` tells what each is for. */
export const collections = [
  'frontends',
  'outside',
  'groups',
  'endpoints',
  'seats',
  'members',
  'masqueraded',
  'hairpins',
  'restricted',
  'allowed',
] as const;

export type Collection = (typeof collections)[number];

/** An element of a map, or of a set (`value` is empty then). Key and value are nftables' text. */
export interface Element {
  readonly collection: Collection;
  readonly key: string;
  readonly value: string;
}

/** A group as the kernel knows it. */
export interface SeatedGroup {
  /** What packets carry between the choice of the group and that of the endpoint. */
  readonly number: number;
  readonly group: Group;
  /** The endpoints in the order of their seats. */
  readonly seats: readonly string[];
  /** For sticky groups: the number by which clients' seats are remembered, of each endpoint. Never used twice. */
  readonly members: ReadonlyMap<string, number>;
}

/** All elements that a plan needs, given its groups' numbers and seats. */
export function elementsOf(plan: TrafficPlan, groups: ReadonlyMap<string, SeatedGroup>): Element[] {
  const numberOf = (name: string): string => String(groups.get(name)!.number);
  return [
    ...plan.frontends.flatMap((frontend) => frontendElements(frontend, numberOf)),
    ...plan.groups.flatMap((group) => groupElements(groups.get(group.name)!)),
    ...plan.hairpins.map((address) => element('hairpins', `${address} . ${address}`)),
  ];
}

function frontendElements(frontend: Frontend, numberOf: (name: string) => string): Element[] {
  const { address, protocol, port, group, outside, masquerade, allowed } = frontend;
  const key = `${address} . ${protocol} . ${port}`;
  return [
    element('frontends', key, numberOf(group)),
    ...(outside === undefined ? [] : [element('outside', key, numberOf(outside))]),
    ...(masquerade ? [element('masqueraded', key)] : []),
    ...(allowed === undefined ? [] : [element('restricted', key)]),
    ...(allowed ?? []).map((range) => element('allowed', `${key} . ${range}`)),
  ];
}

function groupElements({ number, group, seats, members }: SeatedGroup): Element[] {
  if (seats.length === 0)
    return [element('groups', String(number), group.otherwise === 'refuse' ? 'goto refuse' : 'drop')];
  if (group.stickySeconds === undefined)
    return [
      element('groups', String(number), `goto spread-${seats.length}`),
      ...seats.map((endpoint, seat) => element('endpoints', `${number} . ${seat}`, endpoint)),
    ];
  return [
    element('groups', String(number), `goto stick-${seats.length}-${group.stickySeconds}`),
    ...seats.map((endpoint, seat) => element('seats', `${number} . ${seat}`, String(members.get(endpoint)))),
    ...seats.map((endpoint) => element('members', `${number} . ${members.get(endpoint)}`, endpoint)),
  ];
}

function element(collection: Collection, key: string, value = ''): Element {
  return { collection, key, value };
}
