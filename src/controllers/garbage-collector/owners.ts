import type { KubeObject, OwnerReference } from '../../apimachinery/object.ts';

/** Set by the server when an object is deleted in the foreground, or with its dependents orphaned. */
export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** The owner as far as it is known: there, waiting for its dependents to go first, gone, or not to be found out. */
export type OwnerState = 'solid' | 'waiting' | 'gone' | 'unknown';

export interface Owner {
  readonly reference: OwnerReference;
  readonly state: OwnerState;
}

export type Verdict =
  | { readonly kind: 'keep' }
  /** Some owners are left: only the references to the others go. */
  | { readonly kind: 'unlink'; readonly ownerReferences: readonly OwnerReference[] }
  /**
   * Its owner waits for it, and it has dependents of its own, one of which waits as well: to break the circle, nobody
   * is blocked by it.
   */
  | { readonly kind: 'unblock-and-delete' }
  | { readonly kind: 'delete'; readonly propagation: 'Orphan' | 'Foreground' | 'Background' };

/** What becomes of an object with these owners. `dependents` are the objects that it owns. */
export function judge(
  object: Readonly<KubeObject>,
  owners: readonly Owner[],
  dependents: readonly Readonly<KubeObject>[],
): Verdict {
  if (owners.length === 0 || owners.some(({ state }) => state === 'unknown')) return { kind: 'keep' };
  const solid = owners.filter(({ state }) => state === 'solid');
  if (solid.length === owners.length) return { kind: 'keep' };
  if (solid.length > 0) return { kind: 'unlink', ownerReferences: solid.map(({ reference }) => reference) };
  if (owners.some(({ state }) => state === 'waiting') && dependents.length > 0) {
    return dependents.some(isDeletingDependents)
      ? { kind: 'unblock-and-delete' }
      : { kind: 'delete', propagation: 'Foreground' };
  }
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(orphanFinalizer)) return { kind: 'delete', propagation: 'Orphan' };
  return { kind: 'delete', propagation: finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background' };
}

export function isDeletingDependents({ metadata }: Readonly<KubeObject>): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(foregroundFinalizer) === true;
}

export function isOrphaning({ metadata }: Readonly<KubeObject>): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(orphanFinalizer) === true;
}

/** Dependents that an owner's foreground deletion waits for. */
export function blockers(
  owner: Readonly<KubeObject>,
  dependents: readonly Readonly<KubeObject>[],
): readonly Readonly<KubeObject>[] {
  return dependents.filter(({ metadata }) =>
    metadata.ownerReferences?.some(
      ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
    ),
  );
}

export function withoutFinalizer({ metadata }: Readonly<KubeObject>, finalizer: string): string[] {
  return metadata.finalizers?.filter((one) => one !== finalizer) ?? [];
}
