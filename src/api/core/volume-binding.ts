import { compareQuantities, parseQuantity } from '../../apimachinery/quantity.ts';
import { labelSelectorMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { storageClassOf } from './storage-class-of.ts';
import type { PersistentVolume, PersistentVolumeClaim } from './v1/types.ts';

/**
 * How volumes and claims find each other. Controller, scheduler and provisioners work by the same rules, and tell each
 * other by these annotations.
 */
export const annotations = {
  /** Of a claim: it was bound once; a claim without a volume is lost from then on. */
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  /** Of both: the one names the other because it was chosen, and not because somebody wrote so. */
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  /** Of a volume: who made it, and will remove it. */
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  /** Of a claim: who is to make a volume for it. The old name is still read by many. */
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  oldProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  /** Of a claim that waits for a pod: the node that the scheduler found for that. */
  selectedNode: 'volume.kubernetes.io/selected-node',
} as const;

type Volume = Readonly<PersistentVolume>;
type Claim = Readonly<PersistentVolumeClaim>;

/** Whether the volume is for this claim and no other. It may be that the claim does not know yet. */
export function isFor({ spec: { claimRef } }: Volume, { metadata }: Claim): boolean {
  return (
    claimRef !== undefined &&
    claimRef.name === metadata.name &&
    claimRef.namespace === metadata.namespace &&
    (!claimRef.uid || claimRef.uid === metadata.uid)
  );
}

/** Whether claim and volume name each other, for good. */
export function isBound({ metadata, spec }: Claim): boolean {
  return Boolean(spec.volumeName) && metadata.annotations?.[annotations.bindCompleted] !== undefined;
}

/** The volume with the claim's name on it; the same object if it is there already. */
export function withClaim(volume: Volume, claim: Claim): Volume {
  const wasFor = isFor(volume, claim);
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const { claimRef } = volume.spec;
  const hasReference = wasFor && claimRef?.uid === uid;
  const marks = volume.metadata.annotations ?? {};
  const hasMark = wasFor || marks[annotations.boundByController] !== undefined;
  if (hasReference && hasMark) return volume;
  const reference = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion };
  return {
    ...volume,
    metadata: hasMark
      ? volume.metadata
      : { ...volume.metadata, annotations: { ...marks, [annotations.boundByController]: 'yes' } },
    spec: hasReference ? volume.spec : { ...volume.spec, claimRef: reference },
  };
}

/** Why the claim cannot have the volume that it names; `undefined`: it can. */
export function mismatch(volume: Volume, claim: Claim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined)
    return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`;
  if (isTooSmall(volume, claim)) return 'requested PV is too small';
  if (storageClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match';
  if (!hasSameAttributes(volume, claim)) return 'volumeAttributesClassName does not match';
  if (!hasSameMode(volume, claim)) return 'incompatible volumeMode';
  if (!hasModes(volume, claim)) return 'incompatible accessMode';
  return undefined;
}

/** Whether both are file systems, or both are blocks. */
export function hasSameMode(volume: Volume, claim: Claim): boolean {
  return (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem');
}

function hasSameAttributes(volume: Volume, claim: Claim): boolean {
  return (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? '');
}

function hasModes(volume: Volume, claim: Claim): boolean {
  return (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode) === true);
}

function sizeOf(volume: Volume): ReturnType<typeof parseQuantity> {
  return parseQuantity(volume.spec.capacity?.['storage'] ?? '0');
}

function isTooSmall(volume: Volume, claim: Claim): boolean {
  return compareQuantities(sizeOf(volume), parseQuantity(claim.spec.resources?.requests?.['storage'] ?? '0')) < 0;
}

export interface Search {
  /** Only volumes that name the claim count: the others are for the scheduler to choose from. */
  readonly onlyOwn?: boolean;
  /** Whether the volume can be reached from where the pod is to run (default: yes). */
  isReachable?(volume: Volume): boolean;
  /** Names of volumes that are promised to others. */
  readonly taken?: ReadonlySet<string>;
}

/**
 * The volume that the claim should have: one that names it, else the smallest that does. `undefined`: there is none.
 * Fast enough for hundreds of volumes; it looks at all of them.
 */
export function bestVolume(
  claim: Claim,
  volumes: Iterable<Volume>,
  { onlyOwn = false, isReachable = () => true, taken }: Search = {},
): Volume | undefined {
  const className = storageClassOf(claim);
  const selects = claim.spec.selector === undefined ? () => true : labelSelectorMatcher(claim.spec.selector);
  let best: Volume | undefined;
  for (const volume of volumes) {
    const { metadata, spec, status } = volume;
    if (taken?.has(metadata.name) === true || metadata.deletionTimestamp !== undefined) continue;
    const isOwn = isFor(volume, claim);
    if (spec.claimRef !== undefined && !isOwn) continue;
    if (isTooSmall(volume, claim) || !hasSameMode(volume, claim) || !hasSameAttributes(volume, claim)) continue;
    if (!hasModes(volume, claim)) continue;
    if (isOwn) return isReachable(volume) ? volume : undefined;
    if (onlyOwn || status?.phase !== 'Available') continue;
    if (storageClassOf(volume) !== className) continue;
    if (!selects(metadata.labels) || !isReachable(volume)) continue;
    if (best === undefined || compareQuantities(sizeOf(best), sizeOf(volume)) > 0) best = volume;
  }
  return best;
}
