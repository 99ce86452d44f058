import type { DeepReadonly } from '../../apimachinery/object.ts';
import { controllerOf } from '../../apimachinery/object.ts';
import type { ResourceClaim } from '../resource/v1/types.ts';
import type { Pod, PodResourceClaim } from './v1/types.ts';

/** What keeps an allocated claim from going before its devices are free. */
export const deviceClaimFinalizer = 'resource.kubernetes.io/delete-protection';

/** For which entry of its pod a claim was made. */
export const podClaimAnnotation = 'resource.kubernetes.io/pod-claim-name';

/** Marks the claim that stands for extended resources of a pod. */
export const extendedClaimAnnotation = 'resource.kubernetes.io/extended-resource-claim';

/** The claim behind an entry of a pod: one that is there for many, or one that was or will be made for this pod. */
export type DeviceClaimName =
  | { readonly state: 'named'; readonly name: string; readonly isMade: boolean }
  | { readonly state: 'coming' }
  /** Somebody has found out that the pod can do without. */
  | { readonly state: 'unneeded' };

export function deviceClaimNameOf(
  { status }: DeepReadonly<Pod>,
  entry: DeepReadonly<PodResourceClaim>,
): DeviceClaimName {
  if (entry.resourceClaimName !== undefined) return { state: 'named', name: entry.resourceClaimName, isMade: false };
  const made = status?.resourceClaimStatuses?.find(({ name }) => name === entry.name);
  if (made === undefined) return { state: 'coming' };
  if (made.resourceClaimName === undefined) return { state: 'unneeded' };
  return { state: 'named', name: made.resourceClaimName, isMade: true };
}

/** The names of the claims that are there for a pod, that of its extended resources among them. */
export function deviceClaimNames(pod: DeepReadonly<Pod>): readonly string[] {
  const names = (pod.spec.resourceClaims ?? []).flatMap((entry) => {
    const found = deviceClaimNameOf(pod, entry);
    return found.state === 'named' ? [found.name] : [];
  });
  const extended = pod.status?.extendedResourceClaimStatus?.resourceClaimName;
  return extended === undefined ? names : [...names, extended];
}

/** Whether the claim was made for this very pod. */
export function isDeviceClaimFor(claim: DeepReadonly<ResourceClaim>, pod: DeepReadonly<Pod>): boolean {
  return controllerOf(claim as ResourceClaim)?.uid === pod.metadata.uid;
}

export function isReservedFor({ status }: DeepReadonly<ResourceClaim>, { metadata }: DeepReadonly<Pod>): boolean {
  return status?.reservedFor?.some(({ uid }) => uid === metadata.uid) === true;
}
