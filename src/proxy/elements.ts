import { frontendKey } from './frontend-claims.ts';
import type { Element } from './table.ts';
import type { Frontend, Group, TrafficPlan } from './traffic-plan.ts';

/** The maps and sets of the table of Services; `service-table.ts` tells what each is for. */
export type Collection =
  | 'frontends'
  | 'outside'
  | 'groups'
  | 'endpoints'
  | 'seats'
  | 'members'
  | 'masqueraded'
  | 'hairpins'
  | 'restricted'
  | 'allowed';

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
export function elementsOf(plan: TrafficPlan, groups: readonly SeatedGroup[]): Element<Collection>[] {
  const elements: Element<Collection>[] = [];
  const add = (collection: Collection, key: string, value = ''): void => {
    elements.push({ collection, key, value });
  };
  const numberOf = (name: string): string => String(groups.find(({ group }) => group.name === name)!.number);
  for (const frontend of plan.frontends) addFrontend(frontend, numberOf, add);
  for (const group of groups) addGroup(group, add);
  for (const address of plan.hairpins) add('hairpins', `${address} . ${address}`);
  return elements;
}

type Add = (collection: Collection, key: string, value?: string) => void;

function addFrontend(frontend: Frontend, numberOf: (name: string) => string, add: Add): void {
  const { group, outside, masquerade, allowed } = frontend;
  const key = frontendKey(frontend);
  add('frontends', key, numberOf(group));
  if (outside !== undefined) add('outside', key, numberOf(outside));
  if (masquerade) add('masqueraded', key);
  if (allowed !== undefined) add('restricted', key);
  for (const range of allowed ?? []) add('allowed', `${key} . ${range}`);
}

function addGroup({ number, group, seats, members }: SeatedGroup, add: Add): void {
  if (seats.length === 0) return add('groups', String(number), group.otherwise === 'refuse' ? 'goto refuse' : 'drop');
  if (group.stickySeconds === undefined) {
    add('groups', String(number), `goto spread-${seats.length}`);
    for (const [seat, endpoint] of seats.entries()) add('endpoints', `${number} . ${seat}`, endpoint);
    return;
  }
  add('groups', String(number), `goto stick-${seats.length}-${group.stickySeconds}`);
  for (const [seat, endpoint] of seats.entries()) add('seats', `${number} . ${seat}`, String(members.get(endpoint)));
  for (const endpoint of seats) add('members', `${number} . ${members.get(endpoint)}`, endpoint);
}
