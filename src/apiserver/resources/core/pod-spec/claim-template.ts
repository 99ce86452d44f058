import type { PersistentVolumeClaimTemplate } from '../../../../api/core/v1/types.ts';
import { forbidden } from '../../../../apimachinery/validation.ts';
import { checkLabels, type Errors } from '../../checks.ts';
import { checkClaimSpec } from '../persistent-volume-claim/spec.ts';

/** The claim that a generic ephemeral volume makes. */
export function checkClaimTemplate(errors: Errors, template: PersistentVolumeClaimTemplate, field: string): void {
  const { metadata, spec } = template;
  checkLabels(errors, `${field}.metadata.labels`, metadata?.labels);
  for (const name of Object.keys(metadata ?? {}))
    if (name !== 'labels' && name !== 'annotations' && metadata![name as keyof typeof metadata])
      errors.push(forbidden(`${field}.metadata.${name}`, 'cannot be set for an ephemeral volume'));
  checkClaimSpec(errors, spec, `${field}.spec`);
}
