import type { Frontend, FrontendClass, TrafficPlan } from './traffic-plan.ts';

/** Whose claim to an address comes first: what the cluster gave of itself, before what somebody asked for. */
const ranks: Readonly<Record<FrontendClass, number>> = { cluster: 0, node: 1, balancer: 2, external: 3 };

interface Claim {
  readonly owner: string;
  readonly rank: number;
  /** When the owner was made: among equals the older comes first. */
  readonly since: string;
}

/**
 * Who has which address, protocol and port. The one that has it has all rules for it: those of several for the same packets
 * would mix, and a Service that lost could still restrict or lead astray what goes to the one that won.
 */
export class FrontendClaims {
  readonly #holders = new Map<string, Claim>();
  /** Those behind the holders. Apart, for hardly any key has one, and there are very many keys. */
  readonly #waiting = new Map<string, readonly Claim[]>();

  /** Replaces what the owner claims; answers the other owners that got or lost something by it. */
  replace(owner: string, before: TrafficPlan | undefined, now: TrafficPlan | undefined): Set<string> {
    const affected = new Set<string>();
    const claims = claimsOf(owner, now);
    for (const frontend of before?.frontends ?? []) {
      const key = frontendKey(frontend);
      if (!claims.has(key)) this.#put(owner, key, undefined, affected);
    }
    for (const [key, claim] of claims) this.#put(owner, key, claim, affected);
    affected.delete(owner);
    return affected;
  }

  /** The plan without the frontends that others have; of two for one key it keeps that of the higher class. */
  held(owner: string, plan: TrafficPlan): TrafficPlan {
    const taken = new Set<string>();
    const frontends = plan.frontends.filter((frontend) => {
      const key = frontendKey(frontend);
      const holder = this.#holders.get(key);
      if (holder?.owner !== owner || holder.rank !== ranks[frontend.class] || taken.has(key)) return false;
      taken.add(key);
      return true;
    });
    return frontends.length === plan.frontends.length ? plan : { ...plan, frontends };
  }

  #put(owner: string, key: string, claim: Claim | undefined, affected: Set<string>): void {
    const holder = this.#holders.get(key);
    const waiting = this.#waiting.get(key);
    const others = holder === undefined ? [] : [holder, ...(waiting ?? [])].filter((one) => one.owner !== owner);
    const [first, ...rest] = (claim === undefined ? others : [...others, claim]).sort(byPrecedence);
    if (first === undefined) this.#holders.delete(key);
    else this.#holders.set(key, first);
    if (rest.length > 0) this.#waiting.set(key, rest);
    else if (waiting !== undefined) this.#waiting.delete(key);
    if (holder?.owner === first?.owner) return;
    for (const one of [holder, first]) if (one !== undefined) affected.add(one.owner);
  }
}

export function frontendKey({ address, protocol, port }: Frontend): string {
  return `${address} . ${protocol} . ${port}`;
}

function claimsOf(owner: string, plan: TrafficPlan | undefined): Map<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const frontend of plan?.frontends ?? []) {
    const key = frontendKey(frontend);
    const rank = ranks[frontend.class];
    if (rank < (claims.get(key)?.rank ?? Infinity)) claims.set(key, { owner, rank, since: plan?.since ?? '' });
  }
  return claims;
}

function byPrecedence(a: Claim, b: Claim): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  return a.owner < b.owner ? -1 : 1;
}
