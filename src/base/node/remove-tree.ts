import { lstat, opendir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

/** Trees of so many names, and so deep, are removed here: that takes less than a program takes to start. */
const mostNames = 64;
const mostLevels = 8;

/**
 * Removes a folder that others have filled, with all that is in it; one that is not there is no error. Beyond a few names a
 * program of the system does it: Node's own removal takes two kilobytes for each file of a folder, and cannot name what lies
 * deeper than a path is long. Other file systems that are mounted below are left alone, and are an error.
 */
export async function removeTree(path: string): Promise<void> {
  const found = await look(path).catch(nothingThere);
  if (found === undefined) return;
  // What is in the way of this, the program removes, or tells.
  if (found.isFolder && (await removeFew(path, found.dev, { names: mostNames }, mostLevels).catch(() => false))) return;
  await run('rm', ['-rf', '--one-file-system', '--', path]);
}

/** Answers whether the folder is gone: `false` as soon as there is more in it than is `left`. */
async function removeFew(folder: string, dev: number, left: { names: number }, levels: number): Promise<boolean> {
  if (levels === 0) return false;
  const names: string[] = [];
  for await (const { name } of await opendir(folder)) {
    if (--left.names < 0) return false;
    names.push(name);
  }
  for (const name of names) {
    const path = join(folder, name);
    const found = await look(path);
    if (found.dev !== dev) return false;
    if (!found.isFolder) await unlink(path);
    else if (!(await removeFew(path, dev, left, levels - 1))) return false;
  }
  await rmdir(folder);
  return true;
}

function nothingThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function look(path: string): Promise<{ readonly dev: number; readonly isFolder: boolean }> {
  const found = await lstat(path);
  return { dev: found.dev, isFolder: found.isDirectory() };
}
