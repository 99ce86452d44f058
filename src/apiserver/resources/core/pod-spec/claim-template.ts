import type { PersistentVolumeClaimTemplate } from '../../../../api/core/v1/types.ts';
import { validateAnnotations } from '../../../../apimachinery/object-meta.ts';
import { forbidden } from '../../../../apimachinery/validation.ts';
import { checkLabels, type Errors } from '../../checks.ts';
import { metadataOrder } from '../../metadata-order.ts';
import { checkClaimSpec } from '../persistent-volume-claim/spec.ts';

/** The claim that a generic ephemeral volume makes. */
export function checkClaimTemplate(errors: Errors, template: PersistentVolumeClaimTemplate, field: string): void {
  const { metadata, spec } = template;
  const at = `${field}.metadata`;
  if (metadata?.annotations !== undefined)
    errors.push(...validateAnnotations(metadata.annotations, `${at}.annotations`));
  checkLabels(errors, `${at}.labels`, metadata?.labels);
  for (const name of metadataOrder)
    if (name !== 'labels' && name !== 'annotations' && metadata?.[name])
      errors.push(forbidden(`${at}.${name === 'uid' ? 'uID' : name}`, 'cannot be set'));
  checkClaimSpec(errors, spec, `${field}.spec`);
}
