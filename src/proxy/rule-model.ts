import { Claims } from './claims.ts';
import { elementsOf, type Collection, type SeatedGroup } from './elements.ts';
import { FrontendClaims } from './frontend-claims.ts';
import { arrange } from './seats.ts';
import type { Difference, Element } from './table.ts';
import { lostFlows, type Flow, type Group, type TrafficPlan } from './traffic-plan.ts';

/** What an owner claims, and what of it the owner has. */
interface Planned {
  readonly plan: TrafficPlan;
  readonly held: TrafficPlan;
  readonly groups: readonly SeatedGroup[];
}

const nothing: TrafficPlan = { frontends: [], groups: [], hairpins: [] };
const noMembers: ReadonlyMap<string, number> = new Map();

/**
 * The packet rules of a node as they are to be, kept so that a change of one Service costs only what that Service needs.
 * Knows what the kernel lacks since it last took everything.
 */
export class RuleModel {
  readonly #claims = new Claims<Collection>();
  readonly #frontends = new FrontendClaims();
  readonly #plans = new Map<string, Planned>();
  #lost: Flow[] = [];
  /** Groups and members are numbered through: a number that was ever used may still be on a packet or remembered. */
  #lastNumber = 0;

  /** Sets or removes what an owner wants. */
  set(owner: string, plan: TrafficPlan | undefined): void {
    const old = this.#plans.get(owner);
    if (plan === undefined || plan.frontends.length === 0) {
      const affected = this.#frontends.replace(owner, old?.plan, undefined);
      this.#lost.push(...lostFlows(old?.held, undefined));
      this.#plans.delete(owner);
      this.#claims.replace(owner, []);
      for (const other of affected) this.#hold(other);
      return;
    }
    const affected = this.#frontends.replace(owner, old?.plan, plan);
    const groups = plan.groups.map((group) =>
      this.#seat(
        group,
        old?.groups.find((one) => one.group.name === group.name),
      ),
    );
    this.#plans.set(owner, { plan, groups, held: old?.held ?? nothing });
    for (const one of [owner, ...affected]) this.#hold(one);
  }

  /** Gives an owner what it has now of what it claims. */
  #hold(owner: string): void {
    const planned = this.#plans.get(owner)!;
    const held = this.#frontends.held(owner, planned.plan);
    this.#lost.push(...lostFlows(planned.held, held));
    this.#plans.set(owner, { ...planned, held });
    this.#claims.replace(owner, elementsOf(held, planned.groups));
  }

  owners(): Iterable<string> {
    return this.#plans.keys();
  }

  difference(): Difference<Collection> {
    return this.#claims.difference();
  }

  elements(): Element<Collection>[] {
    return this.#claims.all();
  }

  /** The kernel has everything now. Answers the flows that it has to forget. */
  taken(): Flow[] {
    this.#claims.taken();
    return this.#lost.splice(0);
  }

  #seat(group: Group, old: SeatedGroup | undefined): SeatedGroup {
    const seats = arrange(old?.seats ?? [], group.endpoints);
    const members =
      group.stickySeconds === undefined
        ? noMembers
        : new Map(seats.map((endpoint) => [endpoint, old?.members.get(endpoint) ?? ++this.#lastNumber]));
    return { number: old?.number ?? ++this.#lastNumber, group, seats, members };
  }
}
