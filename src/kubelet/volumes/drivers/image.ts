import { errorText } from '../../../base/error-text.ts';
import type { ContainerRuntime, Image } from '../../runtime/runtime.ts';
import { StartRefusal } from '../../pods/start-refusal.ts';
import type { VolumeDisk } from '../volume-disk.ts';
import type { PublishedVolume, VolumeDriver } from '../volume-driver.ts';

/** How CRI names it that an image cannot be mounted. */
export const imageFailure = 'ImageVolumeMountFailed';

/** What images hold. They are shown when a container is about to start: their failures are told of that container. */
export function imageDriver(disk: VolumeDisk, images: Pick<ContainerRuntime, 'holdImage'>): VolumeDriver {
  return {
    name: 'kubernetes.io/image',
    supports: (source) => 'image' in source && source.image !== undefined,
    open({ pod, volume }) {
      const place = { podUid: pod().metadata.uid ?? '', plugin: 'kubernetes.io~image', volume: volume.name };
      return {
        publish: () => Promise.reject(new Error('an image is shown when its container starts')),
        async show(pull: () => Promise<Image>): Promise<PublishedVolume> {
          try {
            const path = await disk.makeLayered(place, async () => await images.holdImage((await pull()).id, place));
            return { path, readOnly: false, keepsFlags: true };
          } catch (error) {
            if (error instanceof StartRefusal) throw error;
            const text = errorText(error);
            throw new Error(`${imageFailure}: ${text}`, { cause: error });
          }
        },
      };
    },
  };
}
