import { Claims, type Difference } from './claims.ts';
import { elementsOf, type Element, type SeatedGroup } from './elements.ts';
import { arrange } from './seats.ts';
import { lostFlows, type Flow, type Group, type TrafficPlan } from './traffic-plan.ts';

const noMembers: ReadonlyMap<string, number> = new Map();

/**
 * The packet rules of a node as they are to be, kept so that a change of one Service costs only what that Service needs.
 * Knows what the kernel lacks since it last took everything.
 */
export class RuleModel {
  readonly #claims = new Claims();
  readonly #plans = new Map<string, { readonly plan: TrafficPlan; readonly groups: readonly SeatedGroup[] }>();
  #lost: Flow[] = [];
  /** Groups and members are numbered through: a number that was ever used may still be on a packet or remembered. */
  #lastNumber = 0;

  /** Sets or removes what an owner wants. */
  set(owner: string, plan: TrafficPlan | undefined): void {
    const old = this.#plans.get(owner);
    this.#lost.push(...lostFlows(old?.plan, plan));
    if (plan === undefined || plan.frontends.length === 0) {
      this.#plans.delete(owner);
      this.#claims.replace(owner, []);
      return;
    }
    const groups = plan.groups.map((group) =>
      this.#seat(
        group,
        old?.groups.find((one) => one.group.name === group.name),
      ),
    );
    this.#plans.set(owner, { plan, groups });
    this.#claims.replace(owner, elementsOf(plan, groups));
  }

  owners(): Iterable<string> {
    return this.#plans.keys();
  }

  difference(): Difference {
    return this.#claims.difference();
  }

  elements(): Element[] {
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
