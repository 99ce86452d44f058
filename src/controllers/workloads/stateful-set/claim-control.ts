import type { StatefulSet } from '../../../api/apps/v1/types.ts';
import { PersistentVolumeClaims, type Pod } from '../../../api/core/v1/types.ts';
import { keyOf } from '../../../apimachinery/object.ts';
import { isStatus } from '../../../apimachinery/status.ts';
import type { Cluster } from '../../../reconciler/controller.ts';
import { messageOf } from '../pod-control.ts';
import { ordinalOf } from './identity.ts';
import type { ClaimsView } from './plan.ts';
import { claimOwners, claimsOf, isLeftOver } from './volume-claims.ts';

/** What the claims that there are have a say in. */
export function claimsView(set: Readonly<StatefulSet>, cluster: Cluster): ClaimsView {
  const present = (ordinal: number) =>
    claimsOf(set, ordinal).flatMap((claim) => cluster.get(PersistentVolumeClaims, keyOf(claim)) ?? []);
  return {
    isBlocked: (ordinal) => present(ordinal).some((claim) => isLeftOver(set, ordinal, claim)),
    needOwners: (pod) => present(ordinalOf(pod)).some((claim) => claimOwners(set, pod, claim).wanted !== undefined),
  };
}

/** Makes the claims of an ordinal that are missing, and throws when one is there but on its way out. */
export async function makeClaims(
  set: Readonly<StatefulSet>,
  ordinal: number,
  pod: string,
  cluster: Cluster,
): Promise<void> {
  const problems: string[] = [];
  for (const claim of claimsOf(set, ordinal)) {
    const { name } = claim.metadata;
    const present = cluster.get(PersistentVolumeClaims, keyOf(claim));
    if (present?.metadata.deletionTimestamp !== undefined) problems.push(`pvc ${name} is being deleted`);
    if (present !== undefined) continue;
    const about = `Pod ${pod} in StatefulSet ${set.metadata.name}`;
    try {
      await cluster.create(PersistentVolumeClaims, claim);
      cluster.events.record(set, 'Normal', 'SuccessfulCreate', `Create Claim ${name} ${about} success`);
    } catch (error) {
      const why = messageOf(error);
      problems.push(`failed to create PVC ${name}: ${why}`);
      if (!isStatus(error, 'AlreadyExists'))
        cluster.events.record(set, 'Warning', 'FailedCreate', `Create Claim ${name} for ${about} failed error: ${why}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`);
}

/** Gives the pod's claims the owners that the set's policy says. */
export async function ownClaims(set: Readonly<StatefulSet>, pod: Readonly<Pod>, cluster: Cluster): Promise<void> {
  for (const { metadata } of claimsOf(set, ordinalOf(pod))) {
    const claim = cluster.get(PersistentVolumeClaims, metadata);
    if (claim === undefined) continue;
    const { wanted, isForeign } = claimOwners(set, pod, claim);
    if (isForeign) {
      const message = `PersistentVolumeClaim ${metadata.name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
      cluster.events.record(set, 'Warning', 'ConflictingController', message);
    }
    if (wanted === undefined) continue;
    const changed = { ...claim, metadata: { ...claim.metadata, ownerReferences: [...wanted] } };
    try {
      await cluster.update(PersistentVolumeClaims, changed);
    } catch (error) {
      throw new Error(`could not update claim ${metadata.name} for delete policy ownerRefs: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}
