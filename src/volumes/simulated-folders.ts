import type { VolumeFolders } from './volume-folders.ts';

/** For nodes that are not there. */
export function simulatedFolders(capacityBytes: number): VolumeFolders {
  return {
    make: async (volume) => `/volumes/${volume}`,
    remove: async () => undefined,
    capacity: async () => capacityBytes,
  };
}
