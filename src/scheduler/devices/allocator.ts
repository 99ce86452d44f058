import { keyText } from '../../apimachinery/object.ts';
import type { NodeIdentity } from '../../apimachinery/selectors/node-selector.ts';
import { Constraint } from './constraint.ts';
import { Counters } from './counters.ts';
import { deviceKey, type Amounts, type DevicesInUse } from './device-state.ts';
import type { Effort } from './effort.ts';
import type { ClaimRequests, RequestAlternative } from './requests.ts';
import { AllocationError, isChosen } from './selection.ts';
import { hasRoom, shareOf } from './shares.ts';
import { isDeviceForNode, type NodePool, type PoolDevice } from './slice-pools.ts';
import { isTaintedFor } from './taints.ts';

/** Devices that one claim may have. */
export const mostDevices = 32;

/** Counters that are compared in the time of looking at a device. */
const countersInALook = 8;

/** A device for a alternative. `share`: what the claim takes of it, where others may have the rest. */
export interface Grant {
  readonly alternative: RequestAlternative;
  readonly one: PoolDevice;
  readonly share: Amounts | undefined;
}

/** For each claim the devices that it is to get, in the order of its requests. */
export type Grants = readonly (readonly Grant[])[];

/**
 * Finds devices on a node for all claims at once, or none. Of several ways the first is taken: pools and devices in their
 * order, choices of a request as the claim ranks them. Throws {@link AllocationError}, also when it takes more than `effort`.
 */
export function allocate(
  claims: readonly ClaimRequests[],
  pools: readonly NodePool[],
  inUse: DevicesInUse,
  node: NodeIdentity,
  effort: Effort,
): Grants | undefined {
  const search = new Search(claims, pools, inUse, node, effort);
  if (search.find()) return search.grants;
  // They may hide devices that would do.
  if (pools.some(({ problem }) => problem === 'invalid')) return invalidPools;
  return undefined;
}

/** There is no way as far as can be seen, and some pools cannot be read. */
export const invalidPools: Grants = [];

interface Candidate {
  readonly pool: NodePool;
  readonly one: PoolDevice;
  readonly key: string;
}

/** Why a way was left: `full` is one on which a claim would get too many devices. */
type Failure = 'none' | 'full';

class Search {
  readonly grants: Grant[][];
  readonly #claims: readonly ClaimRequests[];
  readonly #pools: readonly NodePool[];
  readonly #inUse: DevicesInUse;
  readonly #node: NodeIdentity;
  readonly #effort: Effort;
  readonly #constraints: readonly (readonly Constraint[])[];
  readonly #candidates = new Map<RequestAlternative, readonly Candidate[]>();
  readonly #counters = new Map<NodePool, Counters>();
  /** Devices that claims of this search get for themselves, with the claims. */
  readonly #taken = new Map<string, Set<number>>();
  /** What claims of this search take of devices that others share. */
  readonly #shares = new Map<string, Amounts[]>();

  constructor(
    claims: readonly ClaimRequests[],
    pools: readonly NodePool[],
    inUse: DevicesInUse,
    node: NodeIdentity,
    effort: Effort,
  ) {
    this.#claims = claims;
    this.#pools = pools;
    this.#inUse = inUse;
    this.#node = node;
    this.#effort = effort;
    this.grants = claims.map(() => []);
    this.#constraints = claims.map(({ claim }) =>
      (claim.spec.devices?.constraints ?? []).map((constraint) => new Constraint(constraint)),
    );
  }

  find(): boolean {
    for (const claim of this.#claims) this.#checkCount(claim);
    return this.#serve(0, 0) === undefined;
  }

  /** A claim that wants more than any can have is told so. */
  #checkCount({ claim, requests }: ClaimRequests): void {
    let least = 0;
    for (const alternatives of requests) {
      const counts = alternatives.map((alternative) =>
        alternative.wantsAll ? this.#candidatesFor(alternative, claim).length : alternative.count,
      );
      least += Math.min(...counts);
    }
    if (least > mostDevices)
      throw new AllocationError(
        `claim ${keyText(claim.metadata)}: number of requested devices ${least} exceeds the claim limit of ${mostDevices}`,
      );
  }

  /** Serves this request and all that follow; `undefined`: it is done. */
  #serve(claimAt: number, requestAt: number): Failure | undefined {
    const claim = this.#claims[claimAt];
    if (claim === undefined) return undefined;
    const alternatives = claim.requests[requestAt];
    // That a later claim would get too much is no reason to give this one less.
    if (alternatives === undefined) return this.#serve(claimAt + 1, 0) === undefined ? undefined : 'none';
    let areAllFull = true;
    for (const alternative of alternatives) {
      const failure = this.#grant(claimAt, requestAt, alternative, 0, 0);
      if (failure === undefined) return undefined;
      if (failure === 'none') areAllFull = false;
    }
    return areAllFull ? 'full' : 'none';
  }

  /** Gives the alternative its devices from number `index` on, looked for from `from` on. */
  #grant(
    claimAt: number,
    requestAt: number,
    alternative: RequestAlternative,
    index: number,
    from: number,
  ): Failure | undefined {
    this.#looked(1);
    const candidates = this.#candidatesFor(alternative, this.#claims[claimAt]!.claim);
    const count = alternative.wantsAll ? candidates.length : alternative.count;
    if (alternative.wantsAll && count === 0) return 'none';
    if (index >= count) return this.#serve(claimAt, requestAt + 1);
    if (this.grants[claimAt]!.length + count - index > mostDevices) return 'full';
    const last = alternative.wantsAll ? index : candidates.length - 1;
    for (let at = alternative.wantsAll ? index : from; at <= last; at++) {
      const candidate = candidates[at]!;
      const undo = this.#take(claimAt, alternative, candidate);
      if (undo === undefined) continue;
      const failure = this.#grant(claimAt, requestAt, alternative, index + 1, at + 1);
      if (failure === undefined) return undefined;
      undo();
      if (failure === 'full') return 'full';
    }
    return 'none';
  }

  /** The devices that the alternative chooses, whoever has them. */
  #candidatesFor(alternative: RequestAlternative, claim: ClaimRequests['claim']): readonly Candidate[] {
    const known = this.#candidates.get(alternative);
    if (known !== undefined) return known;
    const found: Candidate[] = [];
    const spent = (cost: number): void => this.#effort.spent(this.#node.name, cost);
    for (const pool of this.#pools) {
      if (pool.problem !== undefined) {
        if (alternative.wantsAll) throw new AllocationError(unclearPool(claim, alternative, pool));
        continue;
      }
      for (const one of pool.devices) {
        this.#looked(1 + sizeOf(one.device.capacity));
        if (!isDeviceForNode(one, this.#node) || !isChosen({ claim }, alternative, one, spent)) continue;
        if (shareOf(one.device, alternative.capacity) === undefined) continue;
        found.push({ pool, one, key: deviceKey(pool.driver, pool.name, one.device.name) });
      }
    }
    this.#candidates.set(alternative, found);
    return found;
  }

  /** Gives the device to the alternative; the answer takes it back. `undefined`: the alternative cannot have it. */
  #take(claimAt: number, alternative: RequestAlternative, { pool, one, key }: Candidate): (() => void) | undefined {
    const { device } = one;
    this.#looked(1);
    const isShared = device.allowMultipleAllocations === true;
    if (alternative.adminAccess ? this.#taken.get(key)?.has(claimAt) === true : this.#isTaken(key)) return undefined;
    if (isTaintedFor(device, alternative.tolerations)) return undefined;
    const others = this.#shares.get(key) ?? [];
    this.#looked(sizeOf(device.capacity) * (2 + others.length) + this.#constraints[claimAt]!.length);
    const share = shareOf(device, alternative.capacity)!;
    if (!hasRoom(device, share, this.#inUse.shared.get(key), ...others)) return undefined;
    const undo: (() => void)[] = [];
    const takeBack = () => {
      for (const step of undo.reverse()) step();
    };
    // A device that several share uses its counters once.
    const isCounted = isShared && (this.#inUse.shared.has(key) || others.length > 0);
    if (!isCounted && (device.consumesCounters ?? []).length > 0) {
      const counters = this.#countersOf(pool);
      this.#looked(counters.size / countersInALook);
      if (!counters.take(device)) return undefined;
      undo.push(() => counters.giveBack(device));
    }
    for (const constraint of this.#constraints[claimAt]!) {
      if (!constraint.add(alternative.name, device, pool.driver)) {
        takeBack();
        if (alternative.wantsAll)
          throw new AllocationError(brokenConstraint(this.#claims[claimAt]!.claim, alternative, key));
        return undefined;
      }
      undo.push(() => constraint.remove(alternative.name));
    }
    if (isShared) {
      this.#shares.set(key, [...others, share]);
      undo.push(() => this.#shares.set(key, others));
    } else {
      const takers = this.#taken.get(key) ?? new Set<number>();
      this.#taken.set(key, takers.add(claimAt));
      undo.push(() => takers.delete(claimAt));
    }
    const grants = this.grants[claimAt]!;
    grants.push({ alternative, one, share: isShared ? share : undefined });
    undo.push(() => grants.pop());
    return takeBack;
  }

  #looked(things: number): void {
    this.#effort.looked(this.#node.name, things);
  }

  #isTaken(key: string): boolean {
    return this.#inUse.whole.has(key) || (this.#taken.get(key)?.size ?? 0) > 0;
  }

  #countersOf(pool: NodePool): Counters {
    const known = this.#counters.get(pool);
    if (known !== undefined) return known;
    this.#looked(pool.all.length);
    const made = new Counters(pool, this.#inUse);
    this.#counters.set(pool, made);
    return made;
  }
}

function sizeOf(map: object | undefined): number {
  return map === undefined ? 0 : Object.keys(map).length;
}

function unclearPool({ metadata }: ClaimRequests['claim'], { name }: RequestAlternative, pool: NodePool): string {
  const what = pool.problem === 'invalid' ? 'currently invalid' : 'currently being updated';
  return `claim ${keyText(metadata)}, request ${lastPart(name)}: asks for all devices, but resource pool ${pool.driver}/${pool.name} is ${what}`;
}

function brokenConstraint({ metadata }: ClaimRequests['claim'], { name }: RequestAlternative, key: string): string {
  const device = key.replaceAll('|', '/');
  return `claim ${keyText(metadata)}, request ${lastPart(name)}: cannot add device ${device} because a claim constraint would not be satisfied`;
}

function lastPart(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
