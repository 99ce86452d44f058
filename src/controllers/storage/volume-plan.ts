import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import { annotations, hasSameMode } from '../../api/core/volume-binding.ts';
import type { Said } from './claim-plan.ts';

type Volume = Readonly<PersistentVolume>;
type Claim = Readonly<PersistentVolumeClaim>;
type Phase = NonNullable<NonNullable<PersistentVolume['status']>['phase']>;

/** The next step for a volume. */
export type VolumePlan =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'phase';
      readonly phase: Phase;
      readonly message?: string;
      readonly event?: Said;
    }
  /** The claim is to look: it finishes what was begun. */
  | { readonly kind: 'askClaim' }
  /** The volume and the claim that it names cannot come together. */
  | { readonly kind: 'mismatch'; readonly onVolume: Said; readonly onClaim: Said }
  /** The claim has another volume. `keepName`: somebody reserved the volume for it, and it stays so. */
  | { readonly kind: 'unbind'; readonly keepName: boolean };

/** Decides, without side effects, what becomes of a volume. `claim`: the one that it names, if that is there. */
export function planVolume(volume: Volume, claim: Claim | undefined): VolumePlan {
  const { claimRef } = volume.spec;
  // Reserved for a claim that has not come yet is as free as can be.
  if (claimRef === undefined || !claimRef.uid) return { kind: 'phase', phase: 'Available' };
  if (claim === undefined || claim.metadata.uid !== claimRef.uid) return planRelease(volume);
  if (!claim.spec.volumeName) return hasSameMode(volume, claim) ? { kind: 'askClaim' } : mismatched(volume, claim);
  if (claim.spec.volumeName === volume.metadata.name) return { kind: 'phase', phase: 'Bound' };
  const marks = volume.metadata.annotations ?? {};
  if (marks[annotations.provisionedBy] !== undefined && volume.spec.persistentVolumeReclaimPolicy === 'Delete')
    return planRelease(volume);
  return { kind: 'unbind', keepName: marks[annotations.boundByController] === undefined };
}

function mismatched({ metadata: { name } }: Volume, claim: Claim): VolumePlan {
  const said = (message: string): Said => ({ type: 'Warning', reason: 'VolumeMismatch', message });
  return {
    kind: 'mismatch',
    onVolume: said(
      `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${JSON.stringify(claim.metadata.name)} due to incompatible volumeMode.`,
    ),
    onClaim: said(
      `Cannot bind PersistentVolume ${JSON.stringify(name)} to requested PersistentVolumeClaim due to incompatible volumeMode.`,
    ),
  };
}

/** Its claim is gone: first everybody is told, then it is reclaimed. */
function planRelease(volume: Volume): VolumePlan {
  const phase = volume.status?.phase;
  if (phase !== 'Released' && phase !== 'Failed') return { kind: 'phase', phase: 'Released' };
  const { metadata, spec } = volume;
  if (metadata.deletionTimestamp !== undefined) return { kind: 'nothing' };
  switch (spec.persistentVolumeReclaimPolicy) {
    case 'Delete': {
      const maker = metadata.annotations?.[annotations.provisionedBy];
      // Who made it removes it.
      if (maker !== undefined && !maker.startsWith('kubernetes.io/')) return { kind: 'nothing' };
      return fail(
        'VolumeFailedDelete',
        `error getting deleter volume plugin for volume ${JSON.stringify(metadata.name)}: no deletable volume plugin matched`,
      );
    }
    case 'Recycle':
      return fail('VolumeFailedRecycle', 'No recycler plugin found for the volume!');
    default:
      return { kind: 'nothing' };
  }
}

function fail(reason: string, message: string): VolumePlan {
  return { kind: 'phase', phase: 'Failed', message, event: { type: 'Warning', reason, message } };
}
