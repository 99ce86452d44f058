import type { StatefulSet } from '../../../api/apps/v1/types.ts';
import type { PersistentVolumeClaim, Pod } from '../../../api/core/v1/types.ts';
import type { KubeObject, OwnerReference } from '../../../apimachinery/object.ts';
import { controllerReference } from '../../../reconciler/cluster-view.ts';
import { claimName, isInRange, ordinalOf, podName } from './identity.ts';

type Claim = Readonly<PersistentVolumeClaim>;

/** The claims of an ordinal, made of the templates. */
export function claimsOf(set: Readonly<StatefulSet>, ordinal: number): PersistentVolumeClaim[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    metadata: {
      ...metadata,
      name: claimName({ metadata, spec }, set, ordinal),
      namespace: set.metadata.namespace,
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
    },
    spec,
  }));
}

/** Whether the claim is still to be deleted with an earlier pod of the name, and nobody may use it until then. */
export function isLeftOver(set: Readonly<StatefulSet>, ordinal: number, { metadata }: Claim): boolean {
  if (retentionOf(set).whenScaled === 'Retain') return false;
  const name = podName(set, ordinal);
  return metadata.ownerReferences?.some((owner) => refersTo(owner, 'v1', 'Pod', name)) === true;
}

export interface ClaimOwners {
  /** As they should be; `undefined` where nothing is to be changed. */
  readonly wanted: readonly OwnerReference[] | undefined;
  /** Somebody else controls the claim, so the set's policy has no say in it. */
  readonly isForeign: boolean;
}

/** The owners of a pod's claim: with the set, or with the pod when that leaves the set, the claim is deleted. */
export function claimOwners(set: Readonly<StatefulSet>, pod: Readonly<Pod>, { metadata }: Claim): ClaimOwners {
  const references = metadata.ownerReferences ?? [];
  const ours = references.filter((one) => owns(one, set) || owns(one, pod));
  // Left by a set or pod of the name that is gone: the garbage collector's.
  const isStale = ours.some(({ kind, uid }) => uid !== (kind === 'Pod' ? pod : set).metadata.uid);
  const { whenScaled, whenDeleted } = retentionOf(set);
  const hasPolicy = whenScaled !== 'Retain' || whenDeleted !== 'Retain';
  if (isStale) return { wanted: undefined, isForeign: hasPolicy };
  const others = references.filter((one) => !ours.includes(one));
  const owner = ownerByPolicy(set, pod);
  const isForeign = hasPolicy && others.some(({ controller }) => controller === true);
  const wanted = owner === undefined || isForeign ? [] : [controllerReference(owner)];
  const isRight =
    ours.length === wanted.length && ours.every(({ uid, controller }) => controller === true && uid === wanted[0]!.uid);
  return { wanted: isRight ? undefined : [...others, ...wanted], isForeign };
}

function ownerByPolicy(set: Readonly<StatefulSet>, pod: Readonly<Pod>): KubeObject | undefined {
  const { whenScaled, whenDeleted } = retentionOf(set);
  const isScaledDown = !isInRange(set, ordinalOf(pod));
  if (whenScaled === 'Delete' && isScaledDown) return { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata };
  if (whenDeleted !== 'Delete') return undefined;
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: set.metadata };
}

function retentionOf({ spec }: Readonly<StatefulSet>): { readonly whenScaled: string; readonly whenDeleted: string } {
  const { whenScaled = 'Retain', whenDeleted = 'Retain' } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  return { whenScaled, whenDeleted };
}

function owns(owner: OwnerReference, object: Readonly<StatefulSet> | Readonly<Pod>): boolean {
  const { name } = object.metadata;
  return refersTo(owner, 'apps/v1', 'StatefulSet', name) || refersTo(owner, 'v1', 'Pod', name);
}

function refersTo(owner: OwnerReference, apiVersion: string, kind: string, name: string): boolean {
  return owner.apiVersion === apiVersion && owner.kind === kind && owner.name === name;
}
