import type {
  CapacityRequirements,
  DeviceClass,
  DeviceSelector,
  DeviceToleration,
  ResourceClaim,
} from '../../api/resource/v1/types.ts';

/** One thing that a claim asks for, or one of the ways in which it can be served. */
export interface RequestAlternative {
  /** `request`, or `request/choice`. */
  readonly name: string;
  readonly class: Readonly<DeviceClass>;
  readonly selectors: readonly DeviceSelector[];
  readonly wantsAll: boolean;
  /** Where it does not want all. */
  readonly count: number;
  readonly adminAccess: boolean;
  readonly tolerations: readonly DeviceToleration[] | undefined;
  readonly capacity: CapacityRequirements | undefined;
}

/** What a claim asks for: for each request the ways to serve it, the best first. */
export interface ClaimRequests {
  readonly claim: Readonly<ResourceClaim>;
  readonly requests: readonly (readonly RequestAlternative[])[];
}

/** What a claim asks for, or why nobody can serve it. */
export function claimRequests(
  claim: Readonly<ResourceClaim>,
  classes: ReadonlyMap<string, Readonly<DeviceClass>>,
): ClaimRequests | string {
  const requests: RequestAlternative[][] = [];
  for (const { name, exactly, firstAvailable = [] } of claim.spec.devices?.requests ?? []) {
    const ways = exactly
      ? [{ ...exactly, name }]
      : firstAvailable.map((one) => ({ ...one, name: `${name}/${one.name}`, adminAccess: false }));
    const alternatives: RequestAlternative[] = [];
    for (const way of ways) {
      const { deviceClassName, selectors = [], tolerations, capacity, count = 0, adminAccess = false } = way;
      const found = classes.get(deviceClassName);
      if (found === undefined) return `request ${way.name}: device class ${deviceClassName} does not exist`;
      const wantsAll = way.allocationMode === 'All';
      alternatives.push({
        name: way.name,
        class: found,
        selectors,
        wantsAll,
        count,
        adminAccess,
        tolerations,
        capacity,
      });
    }
    requests.push(alternatives);
  }
  return { claim, requests };
}
