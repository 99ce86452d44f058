import { PersistentVolumes, type PersistentVolume, type PersistentVolumeSpec } from '../../../../api/core/v1/types.ts';
import { rfc3339 } from '../../../../apimachinery/time.ts';
import { ageOf } from '../../../rest/cells.ts';
import type { ResourceDefinition } from '../../../rest/resource.ts';
import type { Errors } from '../../checks.ts';
import { accessModesText } from '../access-modes.ts';
import { canonicalQuantity, roundUpToMilli } from '../pod-spec/quantities.ts';
import { remoteDiskDefaults } from '../pod-spec/volume-defaults.ts';
import { storageClassOf } from '../../../../api/core/storage-class-of.ts';
import { checkMountAnnotation } from './mount-annotation.ts';
import { checkVolumeSpec } from './spec.ts';
import { checkVolumeUpdate } from './update.ts';
import { volumeWarnings } from './warnings.ts';

/** A piece of storage, made by somebody or for a claim. */
export const persistentVolume: ResourceDefinition<PersistentVolume> = {
  type: PersistentVolumes,

  strategy: {
    returnDeletedObject: true,
    hasGeneration: false,

    defaults(draft) {
      const spec = (draft.spec ??= {});
      spec.persistentVolumeReclaimPolicy ||= 'Retain';
      volumeSpecDefaults(spec);
      draft.status ??= {};
      draft.status.phase ||= 'Pending';
    },

    prepareForCreate(draft, { clock }) {
      draft.status = { phase: 'Pending', lastPhaseTransitionTime: rfc3339(clock.now()) };
    },

    validate(volume, old) {
      const errors: Errors = [];
      checkVolumeSpec(errors, volume.spec, volume.metadata.name, 'spec');
      checkMountAnnotation(errors, volume);
      if (old === undefined) return errors;
      // Kubernetes tells what is wrong with a changed volume twice.
      checkVolumeSpec(errors, volume.spec, volume.metadata.name, 'spec');
      checkVolumeUpdate(errors, volume, old);
      return errors;
    },

    warnings: volumeWarnings,

    status: {
      prepareForUpdate({ status = {} }, { status: old }, { clock }) {
        const since = old?.lastPhaseTransitionTime;
        const isSame = status.phase === old?.phase;
        if (isSame && since !== undefined) status.lastPhaseTransitionTime ??= since;
        if (!isSame && (status.lastPhaseTransitionTime ?? since) === since)
          status.lastPhaseTransitionTime = rfc3339(clock.now());
      },
    },
  },

  columns: {
    cells: (volume, now) => {
      const { metadata, spec, status } = volume;
      const { claimRef } = spec;
      return [
        metadata.name,
        canonicalQuantity(spec.capacity?.['storage'] ?? '0'),
        accessModesText(spec.accessModes),
        spec.persistentVolumeReclaimPolicy ?? '',
        metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
        claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`,
        storageClassOf(volume),
        spec.volumeAttributesClassName ?? '<unset>',
        status?.reason ?? '',
        ageOf(volume, now),
        spec.volumeMode ?? '<unset>',
      ];
    },
  },
};

/** Also of volumes that are written into a VolumeAttachment. */
export function volumeSpecDefaults(spec: PersistentVolumeSpec): void {
  spec.volumeMode ??= 'Filesystem';
  if (spec.hostPath !== undefined) spec.hostPath.type ??= '';
  remoteDiskDefaults(spec);
  roundUpToMilli(spec.capacity);
}
