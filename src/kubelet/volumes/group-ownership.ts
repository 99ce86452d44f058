import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ownership } from './volume-disk.ts';

const groupMayUse = 0o060;
const groupMayEnter = 0o2010;

/**
 * Gives a folder and all that is in it to a group, as `fsGroup` wants it: the group may read and write, and what is made
 * in folders later belongs to it too. Who owns the files stays.
 */
export async function giveToGroup(path: string, { group, onlyIfRootDiffers = false }: Ownership): Promise<void> {
  if (group === undefined) return;
  const root = await lstat(path);
  const wanted = groupMayUse | groupMayEnter;
  if (onlyIfRootDiffers && root.gid === group && (root.mode & wanted) === wanted) return;
  await give(path, group);
}

/** Links are not followed. What disappears meanwhile is nobody's any more. */
async function give(path: string, group: number): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  const { uid, gid, mode } = found;
  if (gid !== group) await lchown(path, uid, group);
  if (found.isSymbolicLink()) return;
  const isFolder = found.isDirectory();
  const wanted = mode | groupMayUse | (isFolder ? groupMayEnter : 0);
  if (wanted !== mode) await chmod(path, wanted & 0o7777);
  if (isFolder) for (const name of await readdir(path)) await give(join(path, name), group);
}
