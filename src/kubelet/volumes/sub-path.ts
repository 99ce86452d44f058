import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, realpath, type FileHandle } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Linux: a handle that only names a file. It opens without following the last link. */
const pathOnly = 0o10000000;
const noFollow = pathOnly | constants.O_NOFOLLOW;

/**
 * Opens what lies below `root`, and holds it: the handle names the very file or folder, whatever a process in a container
 * does to the path in the meantime. Links are followed only as long as they stay below `root`; missing folders are made,
 * with the permissions of `root`, unless the path `mustExist`. Rejects when the path leads out, or must exist and does
 * not. The caller closes the handle.
 */
export async function openBelow(
  root: string,
  subPath: string,
  { mustExist = false }: { readonly mustExist?: boolean } = {},
): Promise<{ handle: FileHandle; isFolder: boolean }> {
  const base = await realpath(root);
  const inside = await resolved(base, subPath);
  let handle = await open(base, noFollow);
  const { mode } = await handle.stat();
  try {
    for (const name of inside.split('/').filter((part) => part !== '' && part !== '.')) {
      const path = `/proc/self/fd/${handle.fd}/${name}`;
      const child = await (mustExist ? openThere(path, subPath) : openOrMake(path, mode & 0o7777));
      await handle.close();
      handle = child;
      if ((await handle.stat()).isSymbolicLink())
        throw new Error(`${subPath} was exchanged for a link while it was opened`);
    }
    return { handle, isFolder: (await handle.stat()).isDirectory() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The path below `base` once links are followed, as far as it exists. */
async function resolved(base: string, subPath: string): Promise<string> {
  let known = base;
  const parts = subPath.split('/').filter((part) => part !== '' && part !== '.');
  for (const [index, part] of parts.entries()) {
    const next = join(known, part);
    if ((await lstat(next).catch(() => undefined)) === undefined) {
      return checked(base, join(known, ...parts.slice(index)), subPath);
    }
    known = await realpath(next);
    checked(base, known, subPath);
  }
  return checked(base, known, subPath);
}

function checked(base: string, path: string, subPath: string): string {
  if (path !== base && !path.startsWith(`${base}/`)) throw new Error(`subpath "${subPath}" not within volume path`);
  return relative(base, path);
}

async function openThere(path: string, subPath: string): Promise<FileHandle> {
  return await open(path, noFollow).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? new Error(`subpath "${subPath}" does not exist`, { cause }) : cause;
  });
}

async function openOrMake(path: string, mode: number): Promise<FileHandle> {
  try {
    return await open(path, noFollow);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(path);
    const made = await open(path, noFollow);
    await chmod(`/proc/self/fd/${made.fd}`, mode); // by its handle: the umask counts for nothing, nor does who exchanges it
    return made;
  }
}
