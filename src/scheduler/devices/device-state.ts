import type { AllocationResult, DeviceClass, ResourceClaim, ResourceSlice } from '../../api/resource/v1/types.ts';
import { extendedClaimAnnotation } from '../../api/core/pod-device-claims.ts';
import { controllerOf, keyText } from '../../apimachinery/object.ts';
import { addQuantities, parseQuantity, type Quantity } from '../../apimachinery/quantity.ts';
import { groupPools, type SlicePool } from './slice-pools.ts';

/** A device by its driver, pool and name, as a text. None of them has a bar in it. */
export function deviceKey(driver: string, pool: string, device: string): string {
  return `${driver}|${pool}|${device}`;
}

/** Amounts by the name of a capacity. */
export type Amounts = ReadonlyMap<string, Quantity>;

/** The devices that claims have. */
export interface DevicesInUse {
  /** Those that one claim has for itself. */
  readonly whole: ReadonlySet<string>;
  /** What is taken of those that several claims share. */
  readonly shared: ReadonlyMap<string, Amounts>;
}

/** Everything about devices that the scheduler knows. */
export class DeviceState {
  readonly classes = new Map<string, Readonly<DeviceClass>>();
  readonly #slices = new Map<string, Readonly<ResourceSlice>>();
  /** By `namespace/name`. */
  readonly #claims = new Map<string, Readonly<ResourceClaim>>();
  /** Claims that were made for extended resources of a pod, by its namespace and uid: others can say its uid as well. */
  readonly #extended = new Map<string, Readonly<ResourceClaim>>();
  /** What claims were given that do not know it yet, by their uid. */
  readonly #promised = new Map<string, AllocationResult>();
  /** Worked out when asked for, and forgotten when something changes. */
  #pools: readonly SlicePool[] | undefined;
  #inUse: DevicesInUse | undefined;

  setSlice(slice: Readonly<ResourceSlice>): void {
    this.#slices.set(slice.metadata.name, slice);
    this.#pools = undefined;
  }

  removeSlice({ metadata }: Readonly<ResourceSlice>): void {
    this.#slices.delete(metadata.name);
    this.#pools = undefined;
  }

  /** The newest of each pool, in order. */
  get pools(): readonly SlicePool[] {
    return (this.#pools ??= groupPools(this.#slices.values()));
  }

  /** By `namespace/name`. */
  claim(key: string): Readonly<ResourceClaim> | undefined {
    return this.#claims.get(key);
  }

  setClaim(claim: Readonly<ResourceClaim>): void {
    if (claim.status?.allocation !== undefined) this.#promised.delete(claim.metadata.uid ?? '');
    this.#claims.set(keyText(claim.metadata), claim);
    const owner = ownerOfExtended(claim);
    if (owner !== undefined) this.#extended.set(owner, claim);
    this.#inUse = undefined;
  }

  removeClaim(claim: Readonly<ResourceClaim>): void {
    const { metadata } = claim;
    this.#promised.delete(metadata.uid ?? '');
    this.#claims.delete(keyText(metadata));
    const owner = ownerOfExtended(claim);
    if (owner !== undefined && this.#extended.get(owner)?.metadata.uid === metadata.uid) this.#extended.delete(owner);
    this.#inUse = undefined;
  }

  /** The claim that was made for the extended resources of the pod. */
  extendedClaim({ namespace, uid }: { readonly namespace: string; readonly uid: string }) {
    return this.#extended.get(`${namespace}/${uid}`);
  }

  isPromised({ metadata }: Readonly<ResourceClaim>): boolean {
    return this.#promised.has(metadata.uid ?? '');
  }

  /** The devices are nobody else's from now on. */
  promise({ metadata }: Readonly<ResourceClaim>, allocation: AllocationResult): void {
    this.#promised.set(metadata.uid ?? '', allocation);
    this.#inUse = undefined;
  }

  /** The claim will not get them. */
  unpromise({ metadata }: Readonly<ResourceClaim>): void {
    this.#promised.delete(metadata.uid ?? '');
    this.#inUse = undefined;
  }

  get inUse(): DevicesInUse {
    return (this.#inUse ??= this.#count());
  }

  #count(): DevicesInUse {
    const whole = new Set<string>();
    const shared = new Map<string, Map<string, Quantity>>();
    const allocations = [...this.#claims.values()].map(({ status }) => status?.allocation);
    for (const allocation of [...allocations, ...this.#promised.values()])
      for (const result of allocation?.devices?.results ?? []) {
        // Who only looks after a device takes nothing.
        if (result.adminAccess === true) continue;
        const key = deviceKey(result.driver, result.pool, result.device);
        if (result.shareID === undefined) whole.add(key);
        else addAmounts(shared, key, result.consumedCapacity ?? {});
      }
    return { whole, shared };
  }
}

/** The namespace and the uid of the pod for whose extended resources the claim was made. */
function ownerOfExtended(claim: Readonly<ResourceClaim>): string | undefined {
  const { namespace, annotations } = claim.metadata;
  const owner = annotations?.[extendedClaimAnnotation] === 'true' ? controllerOf(claim) : undefined;
  return owner && `${namespace}/${owner.uid}`;
}

function addAmounts(
  shared: Map<string, Map<string, Quantity>>,
  key: string,
  amounts: Readonly<Record<string, string>>,
): void {
  const sums = shared.get(key) ?? new Map<string, Quantity>();
  shared.set(key, sums);
  for (const [name, amount] of Object.entries(amounts)) {
    const quantity = parseQuantity(amount);
    const before = sums.get(name);
    sums.set(name, before === undefined ? quantity : addQuantities(before, quantity));
  }
}
