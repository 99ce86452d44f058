import { claimNamesOf } from '../../api/core/pod-claims.ts';
import { storageClassOf } from '../../api/core/storage-class-of.ts';
import {
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from '../../api/core/v1/types.ts';
import { annotations, isBound, withClaim } from '../../api/core/volume-binding.ts';
import { defaultStorageClassOf } from '../../api/storage/default-class.ts';
import { StorageClasses } from '../../api/storage/v1/types.ts';
import { keyText, type ObjectKey } from '../../apimachinery/object.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { againAfter, settled, type Cluster, type ClusterReader, type Controller } from '../../reconciler/controller.ts';
import { planClaim, type ClaimPlan, type Said } from './claim-plan.ts';
import { planVolume } from './volume-plan.ts';

type Volume = Readonly<PersistentVolume>;
type Claim = Readonly<PersistentVolumeClaim>;

/** How often a claim that waits says so, as in Kubernetes: its events do not outlive an hour. */
const remindMs = 15_000;

/**
 * Brings claims and volumes together, and reclaims the volumes that are left. A key with a namespace is a claim, one
 * without a volume; they are looked at one after the other, so that no two claims are given the same volume.
 */
export function volumeBinder(): Controller {
  /** Claims that look for a volume, by their keys. */
  const searching = new Map<string, Claim>();
  const searchers = (wanted: (claim: Claim) => boolean = () => true): ObjectKey[] =>
    [...searching.values()].filter(wanted).map(({ metadata }) => metadata);
  /** A volume that is taken is of interest to its claim alone. */
  const searchersFor = (volume: Volume): ObjectKey[] => {
    if (volume.spec.claimRef?.uid) return [];
    const className = storageClassOf(volume);
    const { name } = volume.metadata;
    return searchers((claim) => claim.spec.volumeName === name || storageClassOf(claim) === className);
  };

  return {
    name: 'persistentvolume-controller',
    identity: 'persistent-volume-binder',
    watches: [
      {
        type: PersistentVolumes,
        wakes: (volume: Volume, _cluster, old?: Volume) => [
          { name: volume.metadata.name },
          ...[volume, ...(old ? [old] : [])].flatMap(claimOf),
          ...searchersFor(volume),
        ],
      },
      {
        type: PersistentVolumeClaims,
        wakes: (claim: Claim, cluster) => [claim.metadata, ...volumesOf(claim, cluster)],
      },
      { type: StorageClasses, wakes: () => searchers() },
    ],
    reads: [Pods],

    async reconcile(key, cluster) {
      if (key.namespace === undefined) return settleVolume(key, cluster);
      const id = keyText(key);
      const claim = cluster.get(PersistentVolumeClaims, key);
      searching.delete(id);
      if (claim === undefined) return settled;
      const plan = planClaim(claim, surroundings(claim, cluster));
      if (plan.kind !== 'bind' && plan.kind !== 'lose') searching.set(id, claim);
      await carryOut(plan, claim, cluster);
      return plan.kind === 'wait' || plan.kind === 'provision' ? againAfter(remindMs) : settled;
    },
  };
}

function claimOf({ spec: { claimRef } }: Volume): ObjectKey[] {
  return claimRef?.name ? [{ namespace: claimRef.namespace ?? '', name: claimRef.name }] : [];
}

/** The volume that the claim names, and those that name it. */
function volumesOf(claim: Claim, cluster: ClusterReader): ObjectKey[] {
  const names = new Set<string>();
  if (claim.spec.volumeName) names.add(claim.spec.volumeName);
  // One that is bound is named by no other, or it could not be.
  if (!isBound(claim))
    for (const { metadata, spec } of cluster.list(PersistentVolumes))
      if (spec.claimRef?.uid === claim.metadata.uid) names.add(metadata.name);
  return [...names].map((name) => ({ name }));
}

function surroundings(claim: Claim, cluster: ClusterReader) {
  return {
    volumes: () => cluster.list(PersistentVolumes),
    volume: (name: string) => cluster.get(PersistentVolumes, { name }),
    class: (name: string) => cluster.get(StorageClasses, { name }),
    defaultClass: () => defaultStorageClassOf(cluster.list(StorageClasses)),
    waitingPods: () =>
      cluster
        .list(Pods, claim.metadata.namespace)
        .filter((pod) => !pod.spec.nodeName && claimNamesOf(pod).includes(claim.metadata.name))
        .map(({ metadata }) => metadata.name)
        .sort(),
  };
}

async function carryOut(plan: ClaimPlan, claim: Claim, cluster: Cluster): Promise<void> {
  switch (plan.kind) {
    case 'bind':
      return bind(plan.volume, claim, cluster);
    case 'setClass': {
      const { className: storageClassName } = plan;
      await cluster.update(PersistentVolumeClaims, { ...claim, spec: { ...claim.spec, storageClassName } });
      return;
    }
    case 'lose':
      if (claim.status?.phase === 'Lost' || (await isThere(claim.spec.volumeName, cluster, plan))) return;
      cluster.events.record(claim, plan.event.type, plan.event.reason, plan.event.message);
      await cluster.updateStatus(PersistentVolumeClaims, claim, { phase: 'Lost' });
      return;
    case 'provision': {
      const marks = { [annotations.oldProvisioner]: plan.provisioner, [annotations.provisioner]: plan.provisioner };
      tell(cluster, claim, plan.event);
      await annotate(claim, marks, cluster);
      return;
    }
    case 'wait':
      tell(cluster, claim, plan.event);
      if (claim.status?.phase !== 'Pending')
        await cluster.updateStatus(PersistentVolumeClaims, claim, { ...claim.status, phase: 'Pending' });
  }
}

function tell(cluster: Cluster, about: Claim | Volume, event: Said | undefined): void {
  if (event !== undefined) cluster.events.record(about, event.type, event.reason, event.message);
}

/** A cache that is late must not declare data lost: the server is asked. */
async function isThere(name: string | undefined, cluster: Cluster, { event }: { event: Said }): Promise<boolean> {
  if (!name || event.reason !== 'ClaimLost') return false;
  try {
    await cluster.client.get(PersistentVolumes, { name });
    return true;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return false;
    throw error;
  }
}

async function annotate(claim: Claim, marks: Readonly<Record<string, string>>, cluster: Cluster): Promise<Claim> {
  const had = claim.metadata.annotations ?? {};
  if (Object.keys(marks).every((name) => had[name] === marks[name])) return claim;
  return cluster.update(PersistentVolumeClaims, {
    ...claim,
    metadata: { ...claim.metadata, annotations: { ...had, ...marks } },
  });
}

/** The volume first, then the claim: whatever comes in between, the next look goes on from there. */
async function bind(volume: Volume, claim: Claim, cluster: Cluster): Promise<void> {
  const named = withClaim(volume, claim);
  const taken = named === volume ? volume : await cluster.update(PersistentVolumes, named);
  await setPhase(taken, 'Bound', undefined, cluster);
  const had = claim.metadata.annotations ?? {};
  const { name: volumeName } = volume.metadata;
  const isChosen = claim.spec.volumeName !== volumeName;
  const marks = {
    ...(isChosen && had[annotations.boundByController] === undefined && { [annotations.boundByController]: 'yes' }),
    ...(had[annotations.bindCompleted] === undefined && { [annotations.bindCompleted]: 'yes' }),
  };
  let bound = claim;
  if (isChosen || Object.keys(marks).length > 0)
    bound = await cluster.update(PersistentVolumeClaims, {
      ...claim,
      metadata: { ...claim.metadata, annotations: { ...had, ...marks } },
      spec: { ...claim.spec, volumeName },
    });
  const { accessModes, capacity, volumeAttributesClassName: attributes } = taken.spec;
  const wasBound = bound.status?.phase === 'Bound';
  await cluster.updateStatus(PersistentVolumeClaims, bound, {
    ...bound.status,
    phase: 'Bound',
    ...(accessModes && { accessModes }),
    // Later it is told by who makes the volume grow.
    ...(!wasBound && capacity && { capacity }),
    ...(!wasBound && attributes && { currentVolumeAttributesClassName: attributes }),
  });
}

type Phase = NonNullable<NonNullable<PersistentVolume['status']>['phase']>;

async function setPhase(volume: Volume, phase: Phase, message: string | undefined, cluster: Cluster): Promise<Volume> {
  const { status = {} } = volume;
  if (status.phase === phase && (status.message ?? '') === (message ?? '')) return volume;
  const { message: _, ...rest } = status;
  return cluster.updateStatus(PersistentVolumes, volume, { ...rest, phase, ...(message && { message }) });
}

async function settleVolume(key: ObjectKey, cluster: Cluster) {
  const volume = cluster.get(PersistentVolumes, key);
  if (volume === undefined) return settled;
  const { claimRef } = volume.spec;
  const claim = claimRef?.uid ? await claimNamed(volume, cluster) : undefined;
  const plan = planVolume(volume, claim);
  switch (plan.kind) {
    case 'phase':
      if (plan.event !== undefined && volume.status?.phase !== plan.phase) tell(cluster, volume, plan.event);
      await setPhase(volume, plan.phase, plan.message, cluster);
      break;
    case 'mismatch':
      tell(cluster, volume, plan.onVolume);
      tell(cluster, claim!, plan.onClaim);
      break;
    case 'unbind':
      await unbind(volume, plan.keepName, cluster);
      break;
    case 'askClaim':
    case 'nothing':
  }
  return settled;
}

/** The claim that the volume names. Before a volume is given up for its absence, the server is asked. */
async function claimNamed({ spec: { claimRef }, status }: Volume, cluster: Cluster): Promise<Claim | undefined> {
  const key = { namespace: claimRef!.namespace ?? '', name: claimRef!.name ?? '' };
  const claim = cluster.get(PersistentVolumeClaims, key);
  if (claim?.metadata.uid === claimRef!.uid || status?.phase === 'Released' || status?.phase === 'Failed') return claim;
  try {
    return await cluster.client.get(PersistentVolumeClaims, key);
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function unbind(volume: Volume, keepName: boolean, cluster: Cluster): Promise<void> {
  const { claimRef, ...spec } = volume.spec;
  const { uid: _, ...name } = claimRef!;
  const { [annotations.boundByController]: __, ...kept } = volume.metadata.annotations ?? {};
  const free = await cluster.update(PersistentVolumes, {
    ...volume,
    metadata: { ...volume.metadata, annotations: kept },
    spec: keepName ? { ...spec, claimRef: name } : spec,
  });
  await setPhase(free, 'Available', undefined, cluster);
}
