import { ReplicaSets, type ReplicaSet } from '../../../api/apps/v1/types.ts';
import type { ReplicaSetSpec } from '../../../api/apps/v1/types.ts';
import { labelSelectorText } from '../../../apimachinery/selectors/label-selector.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, type Errors } from '../checks.ts';
import { podTemplateDefaults } from '../core/pod-spec/defaults.ts';
import {
  checkSameSelector,
  checkSelector,
  checkTemplate,
  emptyTemplate,
  replicaCells,
  replicaScale,
  replicaStatus,
  replicationWarnings,
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
      checkSameSelector(errors, spec, old);
      return errors;
    },

    warnings: replicationWarnings,

    status: replicaStatus,
  },

  columns: {
    cells: (object, now) => replicaCells(object, now, labelSelectorText(object.spec.selector) || '<none>'),
  },

  subresources: {
    scale: replicaScale(({ spec }) => labelSelectorText(spec.selector)),
  },
};
