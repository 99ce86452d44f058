import { statfs } from 'node:fs/promises';
import type { DiskUsage } from './usage.ts';

/** The disk that a folder is on. */
export async function machineDiskUsage(folder: string): Promise<DiskUsage> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(folder);
  return {
    capacityBytes: blocks * bsize,
    availableBytes: bavail * bsize,
    usedBytes: (blocks - bfree) * bsize,
    inodes: files,
    inodesFree: ffree,
    inodesUsed: files - ffree,
  };
}
