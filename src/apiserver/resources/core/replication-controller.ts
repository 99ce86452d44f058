import { ReplicationControllers, type ReplicationController } from '../../../api/core/v1/types.ts';
import { forbidden, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { ageOf, containerImages, containerNames, labelsCell } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, type Errors } from '../checks.ts';
import { podTemplateDefaults } from './pod-spec/defaults.ts';
import { checkPodTemplate } from './pod-spec/template.ts';
import { podWarnings } from './pod-spec/warnings.ts';
import { checkReplicaStatus, longNameWarnings } from './replication.ts';

/** Keeps a number of pods; ReplicaSets have taken its place. */
export const replicationController: ResourceDefinition<ReplicationController> = {
  type: ReplicationControllers,

  strategy: {
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
      const { restartPolicy, activeDeadlineSeconds } = template.spec;
      if (restartPolicy !== 'Always')
        errors.push(notSupported('spec.template.spec.restartPolicy', restartPolicy ?? '', ['Always']));
      if (activeDeadlineSeconds !== undefined)
        errors.push(
          forbidden(
            'spec.template.spec.activeDeadlineSeconds',
            'activeDeadlineSeconds in ReplicationController is not Supported',
          ),
        );
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
      labelsCell(object.spec.selector),
    ],
  },

  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },

  subresources: {
    scale: {
      replicas: ({ spec }) => spec.replicas ?? 0,
      setReplicas(draft, replicas) {
        draft.spec.replicas = replicas;
      },
      statusReplicas: ({ status }) => status?.replicas ?? 0,
      selector: ({ spec }) => (spec.selector === undefined ? '' : labelsCell(spec.selector).replace('<none>', '')),
    },
  },
};
