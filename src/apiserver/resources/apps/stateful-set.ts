import { StatefulSets, type StatefulSet, type StatefulSetSpec } from '../../../api/apps/v1/types.ts';
import type { PersistentVolumeClaim } from '../../../api/core/v1/types.ts';
import { labelNames } from '../../../apimachinery/names.ts';
import { labelSelectorText } from '../../../apimachinery/selectors/label-selector.ts';
import { ageOf, containerImages, containerNames } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { podTemplateDefaults } from '../core/pod-spec/defaults.ts';
import { claimSpecDefaults, claimSpecWarnings } from '../core/persistent-volume-claim/spec.ts';
import { podWarnings } from '../core/pod-spec/warnings.ts';
import { emptyTemplate, replicaScale } from '../core/replication.ts';
import { checkStatefulSetSpec, checkStatefulSetUpdate } from './stateful-set-spec.ts';
import { checkStatefulSetStatus } from './stateful-set-status.ts';

/**
 * Keeps pods that have names, an order and storage of their own. Kubernetes 1.36 drops `maxUnavailable` unless its feature
 * MaxUnavailableStatefulSet is switched on; here it is kept, and followed, where a client sets it.
 */
export const statefulSet: ResourceDefinition<StatefulSet> = {
  type: StatefulSets,

  strategy: {
    nameRule: labelNames,

    defaults(draft) {
      const spec = (draft.spec ??= {} as StatefulSetSpec);
      podTemplateDefaults((spec.template ??= emptyTemplate()));
      spec.podManagementPolicy ||= 'OrderedReady';
      const strategy = (spec.updateStrategy ??= {});
      if (!strategy.type) {
        strategy.type = 'RollingUpdate';
        strategy.rollingUpdate ??= {};
      }
      if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate !== undefined)
        strategy.rollingUpdate.partition ??= 0;
      const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
      retention.whenDeleted ||= 'Retain';
      retention.whenScaled ||= 'Retain';
      for (const claim of spec.volumeClaimTemplates ?? []) claimTemplateDefaults(claim);
      spec.replicas ??= 1;
      spec.revisionHistoryLimit ??= 10;
    },

    prepareForCreate(draft) {
      draft.status = { replicas: 0, availableReplicas: 0 };
    },

    validate({ spec }, old) {
      const errors: Errors = [];
      if (old === undefined) checkStatefulSetSpec(errors, spec);
      else checkStatefulSetUpdate(errors, spec, old.spec);
      return errors;
    },

    warnings({ metadata, spec }, old) {
      const texts: string[] = [];
      if (old === undefined || old.metadata.generation !== metadata.generation)
        texts.push(...podWarnings(spec.template.metadata ?? {}, spec.template.spec, 'spec.template'));
      // Kubernetes writes the field so when the set is changed.
      const part = old === undefined ? '' : '.Spec';
      spec.volumeClaimTemplates?.forEach((claim, i) =>
        texts.push(...claimSpecWarnings(claim.spec, `spec.volumeClaimTemplates[${i}]${part}`)),
      );
      if ((spec.revisionHistoryLimit ?? 0) < 0)
        texts.push(
          'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
        );
      return texts;
    },

    status: {
      validate({ status }, old) {
        const errors: Errors = [];
        checkStatefulSetStatus(errors, status, old.status);
        return errors;
      },
    },
  },

  columns: {
    cells: ({ metadata, spec, status }, now) => [
      metadata.name,
      `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      ageOf({ metadata }, now),
      containerNames(spec.template.spec),
      containerImages(spec.template.spec),
    ],
  },

  subresources: {
    scale: replicaScale(({ spec }) => labelSelectorText(spec.selector)),
  },
};

/** A template of claims is kept as a whole claim. */
function claimTemplateDefaults(claim: PersistentVolumeClaim): void {
  claim.apiVersion = 'v1';
  claim.kind = 'PersistentVolumeClaim';
  claim.metadata ??= {} as PersistentVolumeClaim['metadata'];
  claimSpecDefaults((claim.spec ??= {}));
  (claim.status ??= {}).phase ||= 'Pending';
}
