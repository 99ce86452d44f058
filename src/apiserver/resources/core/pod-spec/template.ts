import type { PodTemplateSpec } from '../../../../api/core/v1/types.ts';
import { validateAnnotations } from '../../../../apimachinery/object-meta.ts';
import { forbidden } from '../../../../apimachinery/validation.ts';
import { checkLabels, type Errors } from '../../checks.ts';
import { checkPodAnnotations, checkProfilesAgree } from './annotations.ts';
import { inTemplate } from './options.ts';
import { checkPodSpec } from './validate.ts';

/** All rules of a template of pods, wherever it stands. */
export function checkPodTemplate(errors: Errors, template: PodTemplateSpec, path: string): void {
  const { metadata = {}, spec } = template;
  checkLabels(errors, `${path}.labels`, metadata.labels);
  if (metadata.annotations !== undefined) {
    errors.push(...validateAnnotations(metadata.annotations, `${path}.annotations`));
    checkPodAnnotations(errors, metadata, spec, `${path}.annotations`);
  }
  checkPodSpec(errors, spec, `${path}.spec`, inTemplate);
  checkProfilesAgree(errors, metadata, spec, `${path}.spec`);
  if (spec.ephemeralContainers?.length)
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
}
