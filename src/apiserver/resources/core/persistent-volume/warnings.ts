import type { PersistentVolume, PersistentVolumeSpec } from '../../../../api/core/v1/types.ts';
import { termWarnings } from '../pod-spec/warnings.ts';
import { classAnnotation } from '../../../../api/core/storage-class-of.ts';
import { mountAnnotation } from './mount-annotation.ts';

const deprecatedSources: Partial<Record<keyof PersistentVolumeSpec, string>> = {
  cephfs: 'cephfs: deprecated in v1.28, non-functional in v1.31+',
  photonPersistentDisk: 'photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'scaleIO: deprecated in v1.16, non-functional in v1.22+',
  storageos: 'storageOS: deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'glusterfs: deprecated in v1.25, non-functional in v1.26+',
  rbd: 'rbd: deprecated in v1.28, non-functional in v1.31+',
};

/** What of a volume works but should be written in another way, or does not work any more. */
export function volumeWarnings({ metadata, spec }: Readonly<PersistentVolume>): string[] {
  const texts: string[] = [];
  const { annotations = {} } = metadata;
  const at = 'metadata.annotations';
  if (annotations[classAnnotation] !== undefined)
    texts.push(`${at}[${classAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`);
  if (annotations[mountAnnotation] !== undefined)
    texts.push(`${at}[${mountAnnotation}]: deprecated since v1.31; use "mountOptions" attribute instead`);
  if (spec.persistentVolumeReclaimPolicy === 'Recycle')
    texts.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    );
  spec.nodeAffinity?.required?.nodeSelectorTerms?.forEach((term, i) =>
    texts.push(...termWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`)),
  );
  for (const name of Object.keys(deprecatedSources) as (keyof PersistentVolumeSpec)[])
    if (spec[name] !== undefined) texts.push(`spec.${deprecatedSources[name]}`);
  return texts;
}
