import type { ContainerRuntime } from '../../runtime/runtime.ts';
import type { VolumeDriver } from '../volume-driver.ts';
import { contentFilesDriver, type ContentFilesOptions } from './content-files.ts';
import { emptyDirDriver } from './empty-dir.ts';
import { hostPathDriver } from './host-path.ts';
import { imageDriver } from './image.ts';
import { localDriver } from './local.ts';

/** What every node can show to pods. */
export function ownDrivers(
  options: ContentFilesOptions & { readonly images: Pick<ContainerRuntime, 'holdImage'> },
): readonly VolumeDriver[] {
  const { disk, images, allocatable } = options;
  return [
    contentFilesDriver(options),
    emptyDirDriver(disk, allocatable),
    hostPathDriver(disk),
    localDriver(disk),
    imageDriver(disk, images),
  ];
}
