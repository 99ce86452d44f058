import type { PersistentVolume, PersistentVolumeSpec } from '../../../../api/core/v1/types.ts';
import { jsonEqual, semanticEqual } from '../../../../apimachinery/equality.ts';
import { forbidden, invalid } from '../../../../apimachinery/validation.ts';
import { immutableField, type Errors } from '../../checks.ts';
import { internalForm, internalText } from '../pod/internal-form.ts';
import { unifiedDiff } from '../pod/unified-diff.ts';
import { sourceNames } from './sources.ts';

/** Where a volume's data is does not change, nor from where it can be reached. */
export function checkVolumeUpdate(
  errors: Errors,
  { spec }: Readonly<PersistentVolume>,
  { spec: old }: Readonly<PersistentVolume>,
): void {
  const now = sourcesOf(spec);
  const before = sourcesOf(old);
  // The secret for growing may be named later.
  if (before.csi !== undefined && before.csi.controllerExpandSecretRef === undefined && now.csi !== undefined) {
    const { controllerExpandSecretRef: _, ...rest } = now.csi;
    now.csi = rest;
  }
  if (!semanticEqual(now, before)) {
    const shape = 'PersistentVolumeSource';
    const difference = unifiedDiff(internalText(before, shape), internalText(now, shape));
    errors.push(
      forbidden(
        'spec.persistentvolumesource',
        `spec.persistentvolumesource is immutable after creation\n${difference}`,
      ),
    );
  }
  if (!jsonEqual(spec.volumeMode, old.volumeMode))
    errors.push(invalid('volumeMode', spec.volumeMode ?? null, immutableField));
  if (
    old.nodeAffinity !== undefined &&
    !semanticEqual(spec.nodeAffinity, withNewLabels(old.nodeAffinity, spec.nodeAffinity))
  )
    errors.push(
      invalid(
        'nodeAffinity',
        spec.nodeAffinity === undefined ? null : internalForm(spec.nodeAffinity, 'VolumeNodeAffinity'),
        `${immutableField}, except for updating from beta label to GA`,
      ),
    );
  if (old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined)
    errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
}

function sourcesOf(spec: Readonly<PersistentVolumeSpec>): Partial<PersistentVolumeSpec> {
  return Object.fromEntries(sourceNames.map((name) => [name, spec[name]]));
}

type Affinity = PersistentVolumeSpec['nodeAffinity'];

const newLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** What was, with those old names of labels new that are so now. One that has no new name may become empty, as upstream. */
function withNewLabels(old: Affinity, now: Affinity): Affinity {
  if (old?.required === undefined) return old;
  const termsNow = now?.required?.nodeSelectorTerms ?? [];
  const nodeSelectorTerms = old.required.nodeSelectorTerms.map((term, i) => ({
    ...term,
    matchExpressions: term.matchExpressions?.map((one, at) => {
      const key = newLabels[one.key] ?? '';
      return termsNow[i]?.matchExpressions?.[at]?.key === key ? { ...one, key } : one;
    }),
  }));
  return { required: { nodeSelectorTerms } };
}
