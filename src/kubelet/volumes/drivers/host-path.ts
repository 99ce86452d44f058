import type { VolumeDisk } from '../volume-disk.ts';
import type { VolumeDriver } from '../volume-driver.ts';
import { refuseOptions } from './refuse-options.ts';

/** Paths of the machine itself, of a pod's own or behind a claim. */
export function hostPathDriver(disk: VolumeDisk): VolumeDriver {
  return {
    name: 'kubernetes.io/host-path',
    supports: ({ hostPath }) => hostPath !== undefined,
    open({ volume, persistent, readOnly }) {
      const { path: asked = '', type = '' } = persistent?.volume.spec.hostPath ?? volume.hostPath ?? {};
      const path = disk.onNode(asked);
      if (persistent !== undefined) refuseOptions(persistent.volume);
      return {
        async publish() {
          await disk.checkHostPath(path, type);
          return { path, readOnly };
        },
      };
    },
  };
}
