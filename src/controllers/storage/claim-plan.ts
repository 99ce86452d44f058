import { storageClassOf } from '../../api/core/storage-class-of.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { annotations, bestVolume, isFor, mismatch } from '../../api/core/volume-binding.ts';
import type { StorageClass } from '../../api/storage/v1/types.ts';

type Volume = Readonly<PersistentVolume>;
type Claim = Readonly<PersistentVolumeClaim>;

/** What is known besides the claim. */
export interface ClaimSurroundings {
  volumes(): readonly Volume[];
  volume(name: string): Volume | undefined;
  class(name: string): Readonly<StorageClass> | undefined;
  /** For claims that name none. */
  defaultClass(): Readonly<StorageClass> | undefined;
  /** Names of the pods without a node that will use the claim, in order. */
  waitingPods(): readonly string[];
}

export interface Said {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** The next step for a claim. */
export type ClaimPlan =
  | { readonly kind: 'bind'; readonly volume: Volume }
  | { readonly kind: 'wait'; readonly event?: Said }
  /** Its volume is gone, and the data with it. */
  | { readonly kind: 'lose'; readonly event: Said }
  | { readonly kind: 'setClass'; readonly className: string }
  /** Somebody else makes the volume: they find the claim by an annotation. */
  | { readonly kind: 'provision'; readonly provisioner: string; readonly event: Said };

/** Decides, without side effects, how a claim comes to its volume. */
export function planClaim(claim: Claim, around: ClaimSurroundings): ClaimPlan {
  if (claim.metadata.annotations?.[annotations.bindCompleted] !== undefined) return planBound(claim, around);
  return claim.spec.volumeName ? planNamed(claim, around) : planFree(claim, around);
}

/** It names no volume: any that fits will do. */
function planFree(claim: Claim, around: ClaimSurroundings): ClaimPlan {
  const className = storageClassOf(claim);
  const found = className === '' ? undefined : around.class(className);
  const isSelected = claim.metadata.annotations?.[annotations.selectedNode] !== undefined;
  const waitsForPod = found?.volumeBindingMode === 'WaitForFirstConsumer' && !isSelected;
  const volume = bestVolume(claim, around.volumes(), { onlyOwn: waitsForPod });
  if (volume !== undefined) return { kind: 'bind', volume };
  if (hasNoClass(claim)) {
    const chosen = around.defaultClass();
    if (chosen !== undefined) return { kind: 'setClass', className: chosen.metadata.name };
  }
  if (waitsForPod) return { kind: 'wait', event: waiting(around.waitingPods()) };
  if (className !== '') return planProvisioning(className, found);
  return wait('Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
}

function hasNoClass({ metadata, spec }: Claim): boolean {
  return spec.storageClassName === undefined && storageClassOf({ metadata, spec }) === '';
}

function waiting(pods: readonly string[]): Said {
  if (pods.length === 0)
    return {
      type: 'Normal',
      reason: 'WaitForFirstConsumer',
      message: 'waiting for first consumer to be created before binding',
    };
  const what = pods.length === 1 ? `pod ${pods[0]}` : `pods ${pods.join(',')}`;
  return { type: 'Normal', reason: 'WaitForPodScheduled', message: `waiting for ${what} to be scheduled` };
}

function planProvisioning(name: string, found: Readonly<StorageClass> | undefined): ClaimPlan {
  if (found === undefined)
    return wait('Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io ${JSON.stringify(name)} not found`);
  const { provisioner } = found;
  // Such names are of plugins within Kubernetes, of which there are none.
  if (provisioner.startsWith('kubernetes.io/'))
    return wait('Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`);
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  return { kind: 'provision', provisioner, event: { type: 'Normal', reason: 'ExternalProvisioning', message } };
}

/** Somebody wrote into the claim which volume it is to have. */
function planNamed(claim: Claim, around: ClaimSurroundings): ClaimPlan {
  const volume = around.volume(claim.spec.volumeName!);
  if (volume === undefined) return { kind: 'wait' };
  if (volume.spec.claimRef === undefined) {
    const problem = mismatch(volume, claim);
    if (problem === undefined) return { kind: 'bind', volume };
    return wait(
      'Warning',
      'VolumeMismatch',
      `Cannot bind to requested volume ${JSON.stringify(volume.metadata.name)}: ${problem}`,
    );
  }
  if (isFor(volume, claim)) return { kind: 'bind', volume };
  return wait(
    'Warning',
    'FailedBinding',
    `volume ${JSON.stringify(volume.metadata.name)} already bound to a different claim.`,
  );
}

/** It had a volume before. */
function planBound(claim: Claim, around: ClaimSurroundings): ClaimPlan {
  const { volumeName } = claim.spec;
  if (!volumeName)
    return lose('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  const volume = around.volume(volumeName);
  if (volume === undefined)
    return lose('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  const { claimRef } = volume.spec;
  if (claimRef === undefined || claimRef.uid === claim.metadata.uid) return { kind: 'bind', volume };
  return lose('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

function wait(type: Said['type'], reason: string, message: string): ClaimPlan {
  return { kind: 'wait', event: { type, reason, message } };
}

function lose(reason: string, message: string): ClaimPlan {
  return { kind: 'lose', event: { type: 'Warning', reason, message } };
}
