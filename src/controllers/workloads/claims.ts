import { controllerOf, keyOf, type KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { controllerReference } from '../../reconciler/cluster-view.ts';
import type { Cluster } from '../../reconciler/controller.ts';

/** What belongs to an owner, and what has to change so that the owner references say so. */
export interface Claims<T> {
  readonly owned: readonly Readonly<T>[];
  /** Without a controller, but selected. */
  readonly adopt: readonly Readonly<T>[];
  /** Ours, but no longer selected. */
  readonly release: readonly Readonly<T>[];
}

export type Labels = Readonly<Record<string, string>>;

/**
 * Shares the candidates out; `canBe` tells of what a set's objects have besides labels (default: nothing).
 * An owner that is being deleted adopts nothing and releases nothing: the garbage collector takes over.
 */
export function planClaims<T extends KubeObject>(
  owner: Readonly<KubeObject>,
  selects: (labels: Labels | undefined) => boolean,
  candidates: readonly Readonly<T>[],
  canBe: (candidate: Readonly<T>) => boolean = () => true,
): Claims<T> {
  const owned: Readonly<T>[] = [];
  const adopt: Readonly<T>[] = [];
  const release: Readonly<T>[] = [];
  const leaving = owner.metadata.deletionTimestamp !== undefined;
  for (const candidate of candidates) {
    const controller = controllerOf(candidate);
    const selected = selects(candidate.metadata.labels) && canBe(candidate);
    if (controller === undefined) {
      if (selected && !leaving && candidate.metadata.deletionTimestamp === undefined) adopt.push(candidate);
    } else if (controller.uid === owner.metadata.uid) {
      if (selected) owned.push(candidate);
      else if (!leaving) release.push(candidate);
    }
  }
  return { owned, adopt, release };
}

/**
 * Writes the references; answers all that the owner now has. An object that vanished or was replaced meanwhile is
 * skipped. What is adopted gets the finalizers as well.
 */
export async function applyClaims<T extends KubeObject>(
  cluster: Cluster,
  type: ResourceType<T>,
  ownerType: ResourceType,
  owner: Readonly<KubeObject>,
  claims: Claims<T>,
  finalizers: readonly string[] = [],
): Promise<readonly Readonly<T>[]> {
  if (claims.adopt.length > 0 && !(await isStillThere(cluster, ownerType, owner))) return claims.owned;
  const adopted = claims.adopt.map((one) => patchOwners(cluster, type, one, [controllerReference(owner)], finalizers));
  const released = claims.release.map((one) =>
    patchOwners(cluster, type, one, [{ $patch: 'delete', uid: owner.metadata.uid }]),
  );
  const [taken] = await Promise.all([Promise.all(adopted), Promise.all(released)]);
  return [...claims.owned, ...taken.filter((one) => one !== undefined)];
}

/** The cache may be behind a deletion; adopting for an owner that is gone would have the objects collected. */
async function isStillThere(cluster: Cluster, type: ResourceType, owner: Readonly<KubeObject>): Promise<boolean> {
  const { metadata } = await cluster.client.get(type, keyOf(owner));
  return metadata.uid === owner.metadata.uid && metadata.deletionTimestamp === undefined;
}

async function patchOwners<T extends KubeObject>(
  cluster: Cluster,
  type: ResourceType<T>,
  object: Readonly<T>,
  ownerReferences: readonly unknown[],
  finalizers: readonly string[] = [],
): Promise<T | undefined> {
  // The uid makes the server refuse the patch if another object has taken the name.
  const body = {
    metadata: { uid: object.metadata.uid, ownerReferences, ...(finalizers.length > 0 && { finalizers }) },
  };
  try {
    return await cluster.patch(type, keyOf(object), { type: 'strategic', body });
  } catch (error) {
    if (isStatus(error, 'NotFound', 'Invalid', 'Conflict')) return undefined;
    throw error;
  }
}
