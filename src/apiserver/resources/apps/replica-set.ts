import { ReplicaSets, type ReplicaSet } from '../../../api/apps/v1/types.ts';
import type { ReplicaSetSpec } from '../../../api/apps/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { labelSelectorText } from '../../../apimachinery/selectors/label-selector.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { ageOf, containerImages, containerNames } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, immutableField, type Errors } from '../checks.ts';
import { podTemplateDefaults } from '../core/pod-spec/defaults.ts';
import { podWarnings } from '../core/pod-spec/warnings.ts';
import {
  checkReplicaStatus,
  checkSelector,
  checkTemplate,
  emptyTemplate,
  longNameWarnings,
} from '../core/replication.ts';

/** Keeps a number of like pods. */
export const replicaSet: ResourceDefinition<ReplicaSet> = {
  type: ReplicaSets,

  strategy: {
    defaults(draft) {
      const spec = (draft.spec ??= {} as ReplicaSetSpec);
      podTemplateDefaults((spec.template ??= emptyTemplate()));
      spec.replicas ??= 1;
    },

    prepareForCreate(draft) {
      draft.status = { replicas: 0 };
    },

    validate({ spec }, old) {
      const errors: Errors = [];
      const template = spec.template ?? emptyTemplate();
      checkNonNegative(errors, 'spec.replicas', spec.replicas);
      checkNonNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds);
      checkSelector(errors, { ...spec, template }, 'spec', 'deployment');
      checkTemplate(errors, { ...spec, template }, 'spec');
      if (old !== undefined && !semanticEqual(spec.selector, old.spec.selector))
        errors.push(invalid('spec.selector', spec.selector ?? null, immutableField));
      return errors;
    },

    warnings({ metadata, spec }, old) {
      if (old !== undefined && old.metadata.generation === metadata.generation) return [];
      const { template } = spec;
      return [
        ...(old === undefined ? longNameWarnings(metadata.name) : []),
        ...(template === undefined ? [] : podWarnings(template.metadata ?? {}, template.spec, 'spec.template')),
      ];
    },

    status: {
      validate({ status }) {
        const errors: Errors = [];
        checkReplicaStatus(errors, status ?? {});
        return errors;
      },
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.spec.replicas ?? 0,
      object.status?.replicas ?? 0,
      object.status?.readyReplicas ?? 0,
      ageOf(object, now),
      containerNames(object.spec.template?.spec),
      containerImages(object.spec.template?.spec),
      labelSelectorText(object.spec.selector) || '<none>',
    ],
  },

  subresources: {
    scale: {
      replicas: ({ spec }) => spec.replicas ?? 0,
      setReplicas(draft, replicas) {
        draft.spec.replicas = replicas;
      },
      statusReplicas: ({ status }) => status?.replicas ?? 0,
      selector: ({ spec }) => labelSelectorText(spec.selector),
    },
  },
};
