import { PersistentVolumeClaims, type PersistentVolumeClaim } from '../../../../api/core/v1/types.ts';
import { ageOf } from '../../../rest/cells.ts';
import type { ResourceDefinition } from '../../../rest/resource.ts';
import type { Errors } from '../../checks.ts';
import { accessModesText } from '../access-modes.ts';
import { canonicalQuantity, roundUpToMilli } from '../pod-spec/quantities.ts';
import { classAnnotation, storageClassOf } from '../../../../api/core/storage-class-of.ts';
import { alignSources, dropOddSource, dropSourcesElsewhere } from './data-sources.ts';
import { checkClaimSpec, claimSpecDefaults, claimSpecWarnings } from './spec.ts';
import { checkClaimStatus } from './status.ts';
import { checkClaimUpdate } from './update.ts';

/** A request for storage, and the volume that fulfils it. */
export const persistentVolumeClaim: ResourceDefinition<PersistentVolumeClaim> = {
  type: PersistentVolumeClaims,

  strategy: {
    returnDeletedObject: true,
    hasGeneration: false,

    defaults(draft) {
      const spec = (draft.spec ??= {});
      claimSpecDefaults(spec);
      const status = (draft.status ??= {});
      status.phase ||= 'Pending';
      roundUpToMilli(status.capacity);
      roundUpToMilli(status.allocatedResources);
    },

    prepareForCreate(draft) {
      draft.status = { phase: 'Pending' };
      dropSourcesElsewhere(draft.spec);
      dropOddSource(draft.spec);
      alignSources(draft.spec);
    },

    prepareForUpdate({ spec }, old) {
      dropSourcesElsewhere(spec, old.spec);
      dropOddSource(spec, old.spec);
      alignSources(spec);
    },

    validate(claim, old) {
      const errors: Errors = [];
      checkClaimSpec(errors, claim.spec, 'spec', old?.spec);
      if (old !== undefined) checkClaimUpdate(errors, claim, old);
      return errors;
    },

    warnings({ metadata, spec }) {
      const texts: string[] = [];
      if (metadata.annotations?.[classAnnotation] !== undefined)
        texts.push(
          `metadata.annotations[${classAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`,
        );
      texts.push(...claimSpecWarnings(spec, 'spec'));
      return texts;
    },

    status: {
      validate(claim) {
        const errors: Errors = [];
        checkClaimStatus(errors, claim);
        return errors;
      },
    },
  },

  columns: {
    cells: (claim, now) => {
      const { metadata, spec, status } = claim;
      const isBound = Boolean(spec.volumeName);
      return [
        metadata.name,
        metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
        spec.volumeName ?? '',
        isBound ? canonicalQuantity(status?.capacity?.['storage'] ?? '0') : '',
        isBound ? accessModesText(status?.accessModes) : '',
        storageClassOf(claim),
        spec.volumeAttributesClassName ?? '<unset>',
        ageOf(claim, now),
        spec.volumeMode ?? '<unset>',
      ];
    },
  },
};
