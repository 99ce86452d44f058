import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../../api/core/v1/types.ts';
import { jsonEqual, semanticEqual } from '../../../../apimachinery/equality.ts';
import { forbidden, invalid } from '../../../../apimachinery/validation.ts';
import { immutableField, type Errors } from '../../checks.ts';
import { compareQuantities } from '../pod-spec/quantities.ts';
import { internalText } from '../pod/internal-form.ts';
import { unifiedDiff } from '../pod/unified-diff.ts';
import { classAnnotation } from '../../../../api/core/storage-class-of.ts';

type Claim = Readonly<PersistentVolumeClaim>;

const attributes = 'spec.volumeAttributesClassName';
const size = 'spec.resources.requests.storage';

/** A claim keeps its spec, so that quotas hold. A volume is given once; a bound claim may grow and change attributes. */
export function checkClaimUpdate(errors: Errors, claim: Claim, old: Claim): void {
  const [now, before] = comparedSpecs(errors, claim, old);
  if (!semanticEqual(now, before)) {
    const difference = unifiedDiff(internalText(before, 'ClaimSpec'), internalText(now, 'ClaimSpec'));
    errors.push(
      forbidden(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${difference}`,
      ),
    );
  }
  checkSize(errors, claim, old);
  if (!jsonEqual(claim.spec.volumeMode, old.spec.volumeMode))
    errors.push(invalid('volumeMode', claim.spec.volumeMode ?? null, immutableField));
  checkAttributes(errors, claim.spec.volumeAttributesClassName, old);
}

/** Attributes that a volume has got can be others, but no longer none. */
function checkAttributes(errors: Errors, wanted: string | undefined, { spec, status }: Claim): void {
  if (wanted || wanted === spec.volumeAttributesClassName || status?.currentVolumeAttributesClassName === undefined)
    return;
  const none = wanted === undefined ? 'nil' : 'empty string';
  errors.push(
    forbidden(attributes, `update to ${none} is forbidden when status.currentVolumeAttributesClassName is not nil`),
  );
}

/** Both specs, without the differences that are allowed. */
function comparedSpecs(
  errors: Errors,
  claim: Claim,
  old: Claim,
): [PersistentVolumeClaimSpec, PersistentVolumeClaimSpec] {
  const now = { ...claim.spec };
  const before = { ...old.spec };
  if (!before.volumeName) before.volumeName = now.volumeName;
  allowClassToBeSet(errors, claim, old, now);
  if (claim.status?.phase === 'Bound') {
    if (now.resources?.requests !== undefined)
      now.resources = {
        ...now.resources,
        requests: { ...now.resources.requests, storage: before.resources?.requests?.['storage'] ?? '0' },
      };
    now.volumeAttributesClassName = before.volumeAttributesClassName;
  }
  return [now, before];
}

/** A claim without a class may get one later, and the annotation may become the field. */
function allowClassToBeSet(errors: Errors, claim: Claim, old: Claim, now: PersistentVolumeClaimSpec): void {
  const annotation = claim.metadata.annotations?.[classAnnotation];
  const before = old.metadata.annotations?.[classAnnotation];
  const isNew = old.spec.storageClassName === undefined && now.storageClassName !== undefined;
  const isUpgrade = isNew && now.storageClassName === before && (annotation === undefined || annotation === before);
  if (!isUpgrade && (annotation ?? '') !== (before ?? ''))
    errors.push(invalid(`metadata.annotations[${classAnnotation}]`, annotation ?? '', immutableField));
  if (isNew && (before === undefined || now.storageClassName === before)) delete now.storageClassName;
}

/** Asking for less than before takes back a growth that failed; nothing ever shrinks. */
function checkSize(errors: Errors, claim: Claim, old: Claim): void {
  const asked = claim.spec.resources?.requests?.['storage'] ?? '0';
  if (compareQuantities(asked, old.spec.resources?.requests?.['storage'] ?? '0') >= 0) return;
  if (compareQuantities(asked, old.status?.capacity?.['storage'] ?? '0') <= 0)
    errors.push(forbidden(size, 'field can not be less than status.capacity'));
}
