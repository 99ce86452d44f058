import { ReplicationControllers, type ReplicationController } from '../../../api/core/v1/types.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import { labelsCell } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, type Errors } from '../checks.ts';
import { podTemplateDefaults } from './pod-spec/defaults.ts';
import { checkPodTemplate } from './pod-spec/template.ts';
import { checkEndless, replicaCells, replicaScale, replicaStatus, replicationWarnings } from './replication.ts';

/** Keeps a number of pods; ReplicaSets have taken its place. */
export const replicationController: ResourceDefinition<ReplicationController> = {
  type: ReplicationControllers,

  strategy: {
    // Kubernetes has done so since before there was a garbage collector.
    garbageCollection: 'orphan',
    defaults(draft) {
      const spec = (draft.spec ??= {});
      if (spec.template !== undefined) podTemplateDefaults(spec.template);
      const labels = spec.template?.metadata?.labels;
      if (labels !== undefined && Object.keys(labels).length > 0) {
        if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
        if (Object.keys(draft.metadata.labels ?? {}).length === 0) draft.metadata.labels = { ...labels };
      }
      spec.replicas ??= 1;
    },

    prepareForCreate(draft) {
      draft.status = { replicas: 0 };
    },

    validate({ spec }) {
      const errors: Errors = [];
      const { selector = {}, template } = spec;
      checkNonNegative(errors, 'spec.minReadySeconds', spec.minReadySeconds);
      if (Object.keys(selector).length === 0) errors.push(required('spec.selector'));
      checkNonNegative(errors, 'spec.replicas', spec.replicas);
      if (template === undefined) {
        errors.push(required('spec.template'));
        return errors;
      }
      const labels = template.metadata?.labels;
      if (!Object.entries(selector).every(([key, value]) => labels?.[key] === value))
        errors.push(
          invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`'),
        );
      checkPodTemplate(errors, template, 'spec.template');
      checkEndless(errors, template, 'spec.template', 'ReplicationController');
      return errors;
    },

    // Of a change Kubernetes warns of the pods as they were before.
    warnings: (object, old) =>
      old === undefined || old.metadata.generation === object.metadata.generation
        ? replicationWarnings(object, old)
        : replicationWarnings({ ...object, spec: old.spec }, old),

    status: replicaStatus,
  },

  columns: {
    cells: (object, now) => replicaCells(object, now, labelsCell(object.spec.selector)),
  },

  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },

  subresources: {
    scale: replicaScale(({ spec }) =>
      spec.selector === undefined ? '' : labelsCell(spec.selector).replace('<none>', ''),
    ),
  },
};
