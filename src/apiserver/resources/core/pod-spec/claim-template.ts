import type { PersistentVolumeClaimTemplate } from '../../../../api/core/v1/types.ts';
import { dnsSubdomain } from '../../../../apimachinery/names.ts';
import { forbidden, invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import { checkLabels, complain, type Errors } from '../../checks.ts';
import { checkLabelSelector } from '../../label-selector.ts';
import { canonicalQuantity, isPositive } from './quantities.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const volumeModes = ['Block', 'Filesystem'];

/** The claim that a generic ephemeral volume makes. */
export function checkClaimTemplate(errors: Errors, template: PersistentVolumeClaimTemplate, field: string): void {
  const { metadata, spec } = template;
  checkLabels(errors, `${field}.metadata.labels`, metadata?.labels);
  for (const name of Object.keys(metadata ?? {}))
    if (name !== 'labels' && name !== 'annotations' && metadata![name as keyof typeof metadata])
      errors.push(forbidden(`${field}.metadata.${name}`, 'cannot be set for an ephemeral volume'));
  const at = `${field}.spec`;
  if (!spec.accessModes?.length) errors.push(required(`${at}.accessModes`, 'at least 1 access mode is required'));
  checkLabelSelector(errors, spec.selector, `${at}.selector`);
  for (const mode of spec.accessModes ?? [])
    if (!accessModes.includes(mode)) errors.push(notSupported(`${at}.accessModes`, mode, accessModes));
  if (spec.accessModes?.includes('ReadWriteOncePod') === true && spec.accessModes.length > 1)
    errors.push(forbidden(`${at}.accessModes`, 'may not use ReadWriteOncePod with other access modes'));
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required(`${at}.resources[storage]`));
  else if (!isPositive(storage))
    errors.push(invalid(`${at}.resources[storage]`, canonicalQuantity(storage), 'must be greater than zero'));
  const { storageClassName, volumeMode } = spec;
  if (storageClassName) complain(errors, `${at}.storageClassName`, storageClassName, dnsSubdomain(storageClassName));
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode))
    errors.push(notSupported(`${at}.volumeMode`, volumeMode, volumeModes));
}
