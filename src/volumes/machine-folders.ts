import { chmod, mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../base/node/remove-tree.ts';
import type { VolumeFolders } from './volume-folders.ts';

/** Names of volumes that are made here. Nothing else is ever removed, whatever an object says. */
const volumeName = /^pvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The rest of the disk is for images and logs. */
const share = 0.9;

/** Volumes as folders below `root`, an absolute path. */
export function machineFolders(root: string): VolumeFolders {
  const pathOf = (volume: string): string => {
    if (!volumeName.test(volume)) throw new Error(`Cannot keep volume "${volume}": it was not made by this node`);
    return join(root, volume);
  };
  return {
    async make(volume) {
      const path = pathOf(volume);
      await mkdir(path, { recursive: true });
      await chmod(path, 0o777);
      return path;
    },
    remove: (volume) => removeTree(pathOf(volume)),
    async capacity() {
      await mkdir(root, { recursive: true });
      const { blocks, bsize } = await statfs(root);
      return Math.floor(blocks * bsize * share);
    },
  };
}
