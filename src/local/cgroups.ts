import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/** `1`: only the old hierarchies; `2`: only the unified one; `hybrid`: both mounted, the controllers in the old ones. */
export type CgroupVersion = '1' | '2' | 'hybrid';

/** Mount points of all cgroup hierarchies, from the text of `/proc/self/mountinfo`. */
export function cgroupMounts(mountinfo: string): { readonly path: string; readonly unified: boolean }[] {
  return mountinfo
    .split('\n')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      return { path: before.split(' ')[4] ?? '', type: after.split(' ')[0] };
    })
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ path, type }) => ({ path, unified: type === 'cgroup2' }));
}

/** `undefined`: no hierarchy is mounted. */
export function cgroupVersion(mountinfo: string): CgroupVersion | undefined {
  const kinds = new Set(cgroupMounts(mountinfo).map(({ unified }) => unified));
  if (kinds.size === 2) return 'hybrid';
  return kinds.size === 0 ? undefined : kinds.has(true) ? '2' : '1';
}

/**
 * Removes the cgroup of this name, such as `/kubeling/dev`, and those below it from every hierarchy. They must be empty
 * of processes.
 */
export async function removeCgroups(name: string): Promise<void> {
  for (const { path } of cgroupMounts(await readFile('/proc/self/mountinfo', 'utf8')))
    await removeTree(join(path, name));
}

/** As {@link removeCgroups}, but keeps the cgroup if there are others below it. */
export async function removeCgroupIfEmpty(name: string): Promise<void> {
  for (const { path } of cgroupMounts(await readFile('/proc/self/mountinfo', 'utf8')))
    await rmdir(join(path, name)).catch(() => {});
}

async function removeTree(path: string): Promise<void> {
  let children;
  try {
    children = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (const child of children) if (child.isDirectory()) await removeTree(join(path, child.name));
  await rmdir(path);
}
