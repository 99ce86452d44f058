import type { VolumeDisk } from '../volume-disk.ts';
import { ownershipOf, type VolumeDriver } from '../volume-driver.ts';
import { mountOptionsOf } from './refuse-options.ts';

/** A folder or device of this node that was made into a persistent volume. */
export function localDriver(disk: VolumeDisk): VolumeDriver {
  return {
    name: 'kubernetes.io/local-volume',
    supports: (source) => 'local' in source && source.local !== undefined,
    open({ pod, persistent, readOnly }) {
      const { spec } = persistent!.volume;
      const { path } = spec.local!;
      const isBlock = spec.volumeMode === 'Block';
      const options = mountOptionsOf(persistent!.volume);
      return {
        async publish() {
          const now = pod();
          if (isBlock) await disk.checkDevice(path);
          else if (options.join('') === '') await disk.useFolder(path, ownershipOf(now));
          else {
            const place = { podUid: now.metadata.uid ?? '', plugin: 'kubernetes.io~local-volume' };
            const volume = persistent!.volume.metadata.name;
            return { path: await disk.bindFolder({ ...place, volume }, path, options, ownershipOf(now)), readOnly };
          }
          return { path, readOnly };
        },
      };
    },
  };
}
