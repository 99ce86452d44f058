import type { PersistentVolumeClaimSpec, TypedObjectReference } from '../../../../api/core/v1/types.ts';
import { dnsLabel, dnsSubdomain } from '../../../../apimachinery/names.ts';
import { invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import { checkDnsSubdomain, complain, type Errors } from '../../checks.ts';
import { checkLabelSelector, isUsableSelector } from '../../label-selector.ts';
import { checkAccessModes } from '../access-modes.ts';
import { canonicalQuantity, isPositive, isWholeNumberOfBytes, roundUpToMilli } from '../pod-spec/quantities.ts';

export const volumeModes = ['Block', 'Filesystem'];

/** Also of the claims that templates describe. */
export function claimSpecDefaults(spec: PersistentVolumeClaimSpec): void {
  spec.resources ??= {};
  spec.volumeMode ??= 'Filesystem';
  roundUpToMilli(spec.resources.limits);
  roundUpToMilli(spec.resources.requests);
}

/** Storage is counted in whole bytes. */
export function claimSpecWarnings({ resources }: Readonly<PersistentVolumeClaimSpec>, field: string): string[] {
  return (['requests', 'limits'] as const).flatMap((part) => {
    const storage = resources?.[part]?.['storage'];
    if (storage === undefined || isWholeNumberOfBytes(storage)) return [];
    const amount = JSON.stringify(canonicalQuantity(storage));
    return [`${field}.resources.${part}[storage]: fractional byte value ${amount} is invalid, must be an integer`];
  });
}

/**
 * What a claim asks for. Of `old`, the same before this write, faults that newer releases complain about are kept: a
 * selector or an API group that cannot be used.
 */
export function checkClaimSpec(
  errors: Errors,
  spec: Readonly<PersistentVolumeClaimSpec>,
  field: string,
  old?: Readonly<PersistentVolumeClaimSpec>,
): void {
  if (!spec.accessModes?.length) errors.push(required(`${field}.accessModes`, 'at least 1 access mode is required'));
  if (old?.selector === undefined || isUsableSelector(old.selector))
    checkLabelSelector(errors, spec.selector, `${field}.selector`);
  checkAccessModes(errors, spec.accessModes, `${field}.accessModes`);
  const storage = spec.resources?.requests?.['storage'];
  const amount = `${field}.resources[storage]`;
  if (storage === undefined) errors.push(required(amount));
  else if (!isPositive(storage)) errors.push(invalid(amount, canonicalQuantity(storage), 'must be greater than zero'));
  if (spec.storageClassName) checkDnsSubdomain(errors, `${field}.storageClassName`, spec.storageClassName);
  if (spec.volumeMode !== undefined && !volumeModes.includes(spec.volumeMode))
    errors.push(notSupported(`${field}.volumeMode`, spec.volumeMode, volumeModes));
  checkDataSources(errors, spec, field, old);
  if (spec.volumeAttributesClassName)
    checkDnsSubdomain(errors, `${field}.volumeAttributesClassName`, spec.volumeAttributesClassName);
}

function checkDataSources(
  errors: Errors,
  { dataSource, dataSourceRef }: Readonly<PersistentVolumeClaimSpec>,
  field: string,
  old: Readonly<PersistentVolumeClaimSpec> | undefined,
): void {
  const anyGroup = Boolean(old?.dataSource?.apiGroup ?? old?.dataSourceRef?.apiGroup);
  if (dataSource !== undefined) checkDataSource(errors, dataSource, `${field}.dataSource`, anyGroup);
  if (dataSourceRef !== undefined) checkDataSource(errors, dataSourceRef, `${field}.dataSourceRef`, anyGroup);
  if (dataSource === undefined || dataSourceRef === undefined) return;
  // Kubernetes shows a path in place of the value, and that has no fields to show.
  if (dataSourceRef.namespace)
    errors.push(invalid(field, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  else if (
    (dataSource.apiGroup ?? null) !== (dataSourceRef.apiGroup ?? null) ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  )
    errors.push(invalid(field, {}, 'must match dataSourceRef'));
}

function checkDataSource(
  errors: Errors,
  { name, kind, apiGroup, namespace }: Readonly<TypedObjectReference>,
  field: string,
  anyGroup: boolean,
): void {
  if (!name) errors.push(required(`${field}.name`));
  if (!kind) errors.push(required(`${field}.kind`));
  if (!apiGroup && kind !== 'PersistentVolumeClaim')
    errors.push(invalid(field, kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  if (apiGroup && !anyGroup) complain(errors, `${field}.apiGroup`, apiGroup, dnsSubdomain(apiGroup));
  if (namespace) complain(errors, `${field}.namespace`, namespace, dnsLabel(namespace));
}
