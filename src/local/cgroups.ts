import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';

/** `1`: only the old hierarchies; `2`: only the unified one; `hybrid`: both mounted, the controllers in the old ones. */
export type CgroupVersion = '1' | '2' | 'hybrid';

export interface CgroupMount {
  readonly path: string;
  readonly unified: boolean;
  /** Of an old hierarchy, besides the options of its mount. */
  readonly controllers: readonly string[];
}

/** Mount points of all cgroup hierarchies, from the text of `/proc/self/mountinfo`. */
export function cgroupMounts(mountinfo: string): CgroupMount[] {
  return mountinfo
    .split('\n')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const [type, , options = ''] = after.split(' ');
      return { path: before.split(' ')[4] ?? '', type, options };
    })
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ path, type, options }) => ({
      path,
      unified: type === 'cgroup2',
      controllers: type === 'cgroup' ? options.split(',') : [],
    }));
}

/** `undefined`: no hierarchy is mounted. */
export function cgroupVersion(mountinfo: string): CgroupVersion | undefined {
  const kinds = new Set(cgroupMounts(mountinfo).map(({ unified }) => unified));
  if (kinds.size === 2) return 'hybrid';
  return kinds.size === 0 ? undefined : kinds.has(true) ? '2' : '1';
}

export interface CgroupBounds {
  readonly memoryBytes?: number;
  /** How many CPUs' time may be used, in each tenth of a second. */
  readonly cpus?: number;
}

type Controller = 'memory' | 'cpu';

/** Microseconds. */
const cpuPeriod = 100_000;

/**
 * Makes a cgroup of this name that takes no more than these, in the hierarchies of the controllers (by default of those
 * that it is bounded by), and answers its folders: whoever is to be bounded is put into each. Where both kinds of
 * hierarchies are mounted, the old ones have the controllers. Throws where none has one of them.
 */
export async function makeCgroup(
  mountinfo: string,
  name: string,
  { memoryBytes, cpus }: CgroupBounds,
  controllers: readonly Controller[] = [
    ...(memoryBytes === undefined ? [] : ['memory' as const]),
    ...(cpus === undefined ? [] : ['cpu' as const]),
  ],
): Promise<string[]> {
  const folders = new Set<string>();
  for (const controller of controllers) {
    const { folder, unified } = await makeFolder(mountinfo, name, controller);
    folders.add(folder);
    const write = (file: string, value: number | string): Promise<void> => writeFile(join(folder, file), String(value));
    if (controller === 'memory' && memoryBytes !== undefined)
      await write(unified ? 'memory.max' : 'memory.limit_in_bytes', Math.floor(memoryBytes));
    if (controller === 'cpu' && cpus !== undefined) {
      const quota = Math.floor(cpus * cpuPeriod);
      if (unified) await write('cpu.max', `${quota} ${cpuPeriod}`);
      else await write('cpu.cfs_quota_us', quota);
    }
  }
  return [...folders];
}

/** The cgroup in the hierarchy that has the controller, which on the way there every group hands on. */
async function makeFolder(
  mountinfo: string,
  name: string,
  controller: Controller,
): Promise<{ folder: string; unified: boolean }> {
  const mounts = cgroupMounts(mountinfo);
  const mount =
    mounts.find(({ controllers }) => controllers.includes(controller)) ?? mounts.find(({ unified }) => unified);
  if (mount === undefined)
    throw new Error(`Cannot bound ${controller} in cgroup "${name}": no control groups are mounted`);
  let folder = mount.path;
  for (const part of name.split('/').filter(Boolean)) {
    // What a group lets those below it bound is said in the group itself.
    if (mount.unified) await writeFile(join(folder, 'cgroup.subtree_control'), `+${controller}`);
    folder = join(folder, part);
    await mkdir(folder, { recursive: true });
  }
  return { folder, unified: mount.unified };
}

/**
 * Removes the cgroup of this name, such as `/kubeling/dev`, and those below it from every hierarchy. Their processes must
 * have been ended: those that the kernel is still taking apart are waited for.
 */
export async function removeCgroups(name: string, clock: Clock): Promise<void> {
  for (const { path } of cgroupMounts(await readFile('/proc/self/mountinfo', 'utf8')))
    await removeTree(join(path, name), clock);
}

/** As {@link removeCgroups}, but keeps the cgroup if there are others below it. */
export async function removeCgroupIfEmpty(name: string): Promise<void> {
  for (const { path } of cgroupMounts(await readFile('/proc/self/mountinfo', 'utf8')))
    await rmdir(join(path, name)).catch(() => {});
}

async function removeTree(path: string, clock: Clock): Promise<void> {
  let children;
  try {
    children = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (const child of children) if (child.isDirectory()) await removeTree(join(path, child.name), clock);
  await removeEmptied(path, clock);
}

/** How long the kernel may take to let go of processes that have ended, and how often it is asked: old hierarchies tell of no end. */
const leaveMs = { atMost: 10_000, each: 10 };

/** Removes a cgroup as soon as nothing is in it any more. Rejects when something stays in it. */
export async function removeEmptied(
  path: string,
  clock: Clock,
  remove: (path: string) => Promise<void> = rmdir,
): Promise<void> {
  const limit = clock.monotonic() + leaveMs.atMost;
  for (;;) {
    try {
      await remove(path);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY') throw error;
      if (clock.monotonic() >= limit)
        throw new Error(`Cannot remove cgroup "${path}": something stays in it`, { cause: error });
    }
    await clock.sleep(leaveMs.each);
  }
}
