import { PodTemplates, type PodTemplate } from '../../../api/core/v1/types.ts';
import { containerImages, containerNames, labelsCell } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { podTemplateDefaults } from './pod-spec/defaults.ts';
import { checkPodTemplate } from './pod-spec/template.ts';
import { podWarnings } from './pod-spec/warnings.ts';
import { emptyTemplate } from './replication.ts';

/** A template of pods on its own. */
export const podTemplate: ResourceDefinition<PodTemplate> = {
  type: PodTemplates,

  strategy: {
    returnDeletedObject: true,
    hasGeneration: true,

    defaults(draft) {
      podTemplateDefaults((draft.template ??= emptyTemplate()));
    },

    validate(object) {
      const errors: Errors = [];
      checkPodTemplate(errors, object.template ?? emptyTemplate(), 'template');
      return errors;
    },

    warnings: ({ template }) =>
      template === undefined ? [] : podWarnings(template.metadata ?? {}, template.spec, 'template'),
  },

  columns: {
    cells: ({ metadata, template }) => [
      metadata.name,
      containerNames(template?.spec),
      containerImages(template?.spec),
      labelsCell(template?.metadata?.labels),
    ],
  },
};
