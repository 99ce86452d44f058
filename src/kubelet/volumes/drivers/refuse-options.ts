import type { PersistentVolume } from '../../../api/core/v1/types.ts';
import { VolumeError } from '../payload.ts';

/** An older form of `mountOptions`. */
const annotation = 'volume.beta.kubernetes.io/mount-options';

/** What the volume is to be mounted with. */
export function mountOptionsOf({ metadata, spec }: Readonly<PersistentVolume>): readonly string[] {
  const older = metadata.annotations?.[annotation];
  return older === undefined ? (spec.mountOptions ?? []) : older.split(',');
}

/** For kinds that are no file systems of their own: there is nothing that options could change. */
export function refuseOptions(volume: Readonly<PersistentVolume>): void {
  if (mountOptionsOf(volume).join('') !== '')
    throw new VolumeError('Mount options are not supported for this volume type');
}
