import { deviceClaimFinalizer, deviceClaimNames } from '../../api/core/pod-device-claims.ts';
import { Pods, type Pod } from '../../api/core/v1/types.ts';
import {
  ResourceClaims,
  type ResourceClaim,
  type ResourceClaimConsumerReference,
} from '../../api/resource/v1/types.ts';
import { controllerOf } from '../../apimachinery/object.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { settled, type Cluster, type ClusterReader, type Controller } from '../../reconciler/controller.ts';
import { isFinished } from '../pod-state.ts';

/**
 * Takes back claims of devices from pods that will not run any more: who nobody uses loses its devices, and one that was
 * made for such a pod goes.
 */
export const deviceClaimReleaser: Controller<ResourceClaim> = {
  name: 'resource-claim-releaser',
  identity: 'resource-claim-controller',
  for: ResourceClaims,
  watches: [{ type: Pods, wakes: claimsLeftBy }],

  async reconcile(key, cluster) {
    const claim = cluster.get(ResourceClaims, key);
    if (claim === undefined) return settled;
    const before = claim.status?.reservedFor ?? [];
    const users: ResourceClaimConsumerReference[] = [];
    for (const user of before) if (await stillUses(user, claim, cluster)) users.push(user);
    const now = await released(claim, users, cluster);
    if (users.length === 0 && isOfPodThatIsOver(now, cluster)) await cluster.delete(ResourceClaims, now);
    return settled;
  },
};

/** The claims of a pod that is over, or gone. */
function claimsLeftBy(pod: Readonly<Pod>, cluster: ClusterReader): readonly { namespace: string; name: string }[] {
  const { namespace = '', name, uid } = pod.metadata;
  const isGone = cluster.get(Pods, { namespace, name })?.metadata.uid !== uid;
  if (!isGone && !isOver(pod)) return [];
  return deviceClaimNames(pod).map((claim) => ({ namespace, name: claim }));
}

/** Has ended, or is being deleted before it got to a node. */
function isOver(pod: Readonly<Pod>): boolean {
  return isFinished(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec.nodeName);
}

/** Of users that are no pods nobody here knows. */
async function stillUses(
  { apiGroup = '', resource, name, uid }: ResourceClaimConsumerReference,
  { metadata: { namespace = '' } }: Readonly<ResourceClaim>,
  cluster: Cluster,
): Promise<boolean> {
  if (apiGroup !== '' || resource !== 'pods') return true;
  const pod = cluster.get(Pods, { namespace, name });
  if (pod !== undefined) return pod.metadata.uid === uid && !isOver(pod);
  // A pod that came a moment ago may not be in the cache yet.
  try {
    const known = await cluster.client.get(Pods, { namespace, name });
    return known.metadata.uid === uid;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return false;
    throw error;
  }
}

/** The claim without users that are gone, without devices when they were the last, and free to go then. */
async function released(
  claim: Readonly<ResourceClaim>,
  users: readonly ResourceClaimConsumerReference[],
  cluster: Cluster,
): Promise<Readonly<ResourceClaim>> {
  const { reservedFor = [], allocation, ...status } = claim.status ?? {};
  const isProtected = claim.metadata.finalizers?.includes(deviceClaimFinalizer) === true;
  const isDeleted = claim.metadata.deletionTimestamp !== undefined;
  const lostUsers = users.length < reservedFor.length;
  // One that was allocated and never used stays so until it is deleted.
  const isLeft = users.length === 0 && isProtected && (lostUsers || isDeleted);
  if (!lostUsers && !isLeft) return claim;
  const kept = isLeft ? undefined : allocation;
  const now = await cluster.updateStatus(ResourceClaims, claim, {
    ...status,
    ...(kept && { allocation: kept }),
    ...(users.length > 0 && { reservedFor: [...users] }),
  });
  if (!isProtected || now.status?.allocation !== undefined) return now;
  const finalizers = now.metadata.finalizers?.filter((one) => one !== deviceClaimFinalizer) ?? [];
  return cluster.update(ResourceClaims, { ...now, metadata: { ...now.metadata, finalizers } });
}

/** Whether the claim was made for a pod that is over or has been replaced. Where it is gone, its claims go anyway. */
function isOfPodThatIsOver(claim: Readonly<ResourceClaim>, cluster: ClusterReader): boolean {
  const owner = controllerOf(claim);
  if (owner?.kind !== 'Pod' || owner.apiVersion !== 'v1') return false;
  const pod = cluster.get(Pods, { namespace: claim.metadata.namespace ?? '', name: owner.name });
  return pod !== undefined && (pod.metadata.uid !== owner.uid || isOver(pod));
}
