import type { DeepReadonly } from '../../apimachinery/object.ts';
import type { PersistentVolumeClaim, Pod, Volume } from './v1/types.ts';

/** The claim behind a volume of a pod, by name; `undefined`: there is none. */
export function claimNameOf(podName: string, volume: DeepReadonly<Volume>): string | undefined {
  if (volume.ephemeral !== undefined) return `${podName}-${volume.name}`;
  return volume.persistentVolumeClaim?.claimName;
}

/** The names of the claims behind a pod's volumes. */
export function claimNamesOf({ metadata, spec }: DeepReadonly<Pod>): readonly string[] {
  if (spec.volumes === undefined) return none;
  let names: string[] | undefined;
  for (const volume of spec.volumes) {
    const name = claimNameOf(metadata.name, volume);
    if (name !== undefined) (names ??= []).push(name);
  }
  return names ?? none;
}

const none: readonly string[] = Object.freeze([]);

/** Whether the claim was made for an ephemeral volume of this very pod. */
export function isMadeFor(claim: DeepReadonly<PersistentVolumeClaim>, pod: DeepReadonly<Pod>): boolean {
  const owner = claim.metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner !== undefined && owner.uid === pod.metadata.uid;
}
