import type { PersistentVolumeSpec } from '../../../../api/core/v1/types.ts';
import { quantityValue } from '../../../../apimachinery/quantity.ts';
import { forbidden, invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import { checkDnsSubdomain, type Errors } from '../../checks.ts';
import { checkAccessModes } from '../access-modes.ts';
import { volumeModes } from '../persistent-volume-claim/spec.ts';
import { checkNodeSelector } from '../pod-spec/affinity.ts';
import { canonicalQuantity, isNegative, isPositive, readQuantity } from '../pod-spec/quantities.ts';
import { checkSources } from './sources.ts';

type Spec = Readonly<PersistentVolumeSpec>;

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];
const inline = 'in the context of inline volumes';

/** `name`: of the volume. */
export function checkVolumeSpec(errors: Errors, spec: Spec, name: string, field: string): void {
  checkModes(errors, spec, field);
  checkCapacity(errors, spec.capacity, `${field}.capacity`);
  const { persistentVolumeReclaimPolicy: policy, nodeAffinity, storageClassName, volumeMode } = spec;
  if (policy && !reclaimPolicies.includes(policy))
    errors.push(notSupported(`${field}.persistentVolumeReclaimPolicy`, policy, reclaimPolicies));
  if (nodeAffinity !== undefined) {
    const needs = `${field}.nodeAffinity.required`;
    if (nodeAffinity.required === undefined) errors.push(required(needs, 'must specify required node constraints'));
    else checkNodeSelector(errors, nodeAffinity.required, needs);
  }
  checkSources(errors, spec, name, field);
  checkRootNotRecycled(errors, spec, field);
  if (storageClassName) checkDnsSubdomain(errors, `${field}.storageClassName`, storageClassName);
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode))
    errors.push(notSupported(`${field}.volumeMode`, volumeMode, volumeModes));
  checkAttributesClass(errors, spec, field);
}

/** The spec of a volume that is part of a VolumeAttachment and no object. */
export function checkInlineVolumeSpec(errors: Errors, spec: Spec, field: string): void {
  const unwanted = (name: keyof PersistentVolumeSpec) =>
    errors.push(forbidden(`${field}.${name}`, `may not be specified ${inline}`));
  if (spec.claimRef !== undefined) unwanted('claimRef');
  if (Object.keys(spec.capacity ?? {}).length > 0) unwanted('capacity');
  if (spec.csi === undefined) errors.push(required(`${field}.csi`, `has to be specified ${inline}`));
  checkModes(errors, spec, field);
  const { persistentVolumeReclaimPolicy: policy, volumeMode } = spec;
  if (policy && policy !== 'Retain')
    errors.push(forbidden(`${field}.persistentVolumeReclaimPolicy`, `may only be Retain ${inline}`));
  if (spec.nodeAffinity !== undefined) unwanted('nodeAffinity');
  checkSources(errors, spec, '', field);
  checkRootNotRecycled(errors, spec, field);
  if (spec.storageClassName) unwanted('storageClassName');
  if (volumeMode !== undefined && volumeMode !== 'Filesystem')
    errors.push(forbidden(`${field}.volumeMode`, `may not specify volumeMode other than Filesystem ${inline}`));
  checkAttributesClass(errors, spec, field);
}

function checkModes(errors: Errors, { accessModes }: Spec, field: string): void {
  if (!accessModes?.length) errors.push(required(`${field}.accessModes`));
  checkAccessModes(errors, accessModes, `${field}.accessModes`);
}

function checkCapacity(errors: Errors, capacity: Spec['capacity'], field: string): void {
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) errors.push(required(field));
  if (names.length !== 1 || names[0] !== 'storage') errors.push(notSupported(field, capacity ?? null, ['storage']));
  for (const name of names) {
    const amount = capacity![name]!;
    const at = `${field}[${name}]`;
    if (isNegative(amount))
      errors.push(invalid(at, Number(quantityValue(readQuantity(amount))), 'must be a valid resource quantity'));
    if (!isPositive(amount)) errors.push(invalid(at, canonicalQuantity(amount), 'must be greater than zero'));
  }
}

function checkRootNotRecycled(errors: Errors, { hostPath, persistentVolumeReclaimPolicy }: Spec, field: string): void {
  if (persistentVolumeReclaimPolicy === 'Recycle' && /^\/[/.]*$/.test(hostPath?.path ?? ''))
    errors.push(
      forbidden(`${field}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'"),
    );
}

function checkAttributesClass(errors: Errors, { volumeAttributesClassName: name, csi }: Spec, field: string): void {
  if (name === undefined) return;
  const at = `${field}.volumeAttributesClassName`;
  if (name === '') errors.push(required(at, 'an empty string is disallowed'));
  else checkDnsSubdomain(errors, at, name);
  if (csi === undefined)
    errors.push(required(`${field}.csi`, 'has to be specified when using volumeAttributesClassName'));
}
