import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { usageFiles, usageFromVersion1, usageFromVersion2, type ProcessUsage } from './cgroup-usage.ts';

/** Limits of a control group; absent ones stay as they are. */
export interface CgroupLimits {
  /** In the old way of counting: 1024 for a CPU. */
  readonly cpuShares?: number;
  /** Microseconds of each period of 100 ms. */
  readonly cpuQuota?: number;
  readonly memoryBytes?: number;
}

/**
 * The kernel's control groups, whichever version holds the controllers. Paths are absolute within the tree:
 * `/kubeling/dev`.
 */
export interface CgroupTree {
  readonly version: 1 | 2;
  /** Makes the group and those above it; one that is there is no error. */
  create(path: string): Promise<void>;
  limit(path: string, limits: CgroupLimits): Promise<void>;
  /** Removes the group and those below it, as far as no process is in them. Rejects when some is. */
  remove(path: string): Promise<void>;
  /** Names of the groups directly below; none if the group is not there. */
  children(path: string): Promise<readonly string[]>;
  /** What the group and those below it have used; `undefined` when it is not there or nothing counts. */
  usage(path: string): Promise<ProcessUsage | undefined>;
}

interface Hierarchy {
  readonly folder: string;
  readonly controllers: readonly string[];
}

const cpuPeriod = 100_000;
const onVersion2 = ['cpu', 'memory', 'pids', 'cpuset', 'io', 'hugetlb'];

/** The machine's tree, by the text of `/proc/self/mountinfo`. Throws when no control groups are mounted. */
export function cgroupTree(mountinfo: string): CgroupTree {
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [type = '', , options = ''] = after.split(' ');
    return type.startsWith('cgroup') ? [{ folder: before.split(' ')[4]!, type, options: options.split(',') }] : [];
  });
  const old = mounts.filter(
    ({ type, options }) => type === 'cgroup' && (options.includes('memory') || options.includes('cpu')),
  );
  if (old.length > 0) {
    const all = mounts.filter(({ type }) => type === 'cgroup');
    return new SeparateTrees(all.map(({ folder, options }) => ({ folder, controllers: options })));
  }
  const unified = mounts.find(({ type }) => type === 'cgroup2');
  if (unified === undefined) throw new Error('Cannot run pods: no control groups are mounted on this machine');
  return new UnifiedTree(unified.folder);
}

/** Version 1: a tree for each controller, in which the same path has to be made. */
class SeparateTrees implements CgroupTree {
  readonly version = 1;
  readonly #hierarchies: readonly Hierarchy[];

  constructor(hierarchies: readonly Hierarchy[]) {
    this.#hierarchies = hierarchies;
  }

  async create(path: string): Promise<void> {
    await Promise.all(
      this.#hierarchies.map(async ({ folder, controllers }) => {
        await mkdir(join(folder, path), { recursive: true });
        if (!controllers.includes('cpuset')) return;
        for (const file of ['cpuset.cpus', 'cpuset.mems']) await inherit(folder, path.split('/').filter(Boolean), file);
      }),
    );
  }

  async limit(path: string, { cpuShares, cpuQuota, memoryBytes }: CgroupLimits): Promise<void> {
    const cpu = this.#folder('cpu', path);
    const memory = this.#folder('memory', path);
    if (cpu !== undefined && cpuShares !== undefined) await write(cpu, 'cpu.shares', cpuShares);
    if (cpu !== undefined && cpuQuota !== undefined) {
      await write(cpu, 'cpu.cfs_period_us', cpuPeriod);
      await write(cpu, 'cpu.cfs_quota_us', cpuQuota);
    }
    if (memory !== undefined && memoryBytes !== undefined) await write(memory, 'memory.limit_in_bytes', memoryBytes);
  }

  async remove(path: string): Promise<void> {
    await Promise.all(this.#hierarchies.map(({ folder }) => removeTree(join(folder, path))));
  }

  async children(path: string): Promise<readonly string[]> {
    const all = await Promise.all(this.#hierarchies.map(({ folder }) => foldersIn(join(folder, path))));
    return [...new Set(all.flat())];
  }

  async usage(path: string): Promise<ProcessUsage | undefined> {
    const [cpu, memory] = [this.#folder('cpuacct', path), this.#folder('memory', path)];
    if (cpu === undefined || memory === undefined) return undefined;
    const texts = await Promise.all([readAll(cpu, usageFiles[1].cpu), readAll(memory, usageFiles[1].memory)]);
    return texts[0] && texts[1] && usageFromVersion1(texts[0], texts[1]);
  }

  #folder(controller: string, path: string): string | undefined {
    const found = this.#hierarchies.find(({ controllers }) => controllers.includes(controller));
    return found && join(found.folder, path);
  }
}

/** Version 2: one tree, in which each group hands its controllers on to those below it. */
class UnifiedTree implements CgroupTree {
  readonly version = 2;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async create(path: string): Promise<void> {
    let folder = this.#folder;
    for (const name of path.split('/').filter(Boolean)) {
      await handOnControllers(folder);
      folder = join(folder, name);
      await mkdir(folder, { recursive: true });
    }
    await handOnControllers(folder);
  }

  async limit(path: string, { cpuShares, cpuQuota, memoryBytes }: CgroupLimits): Promise<void> {
    const folder = join(this.#folder, path);
    if (cpuShares !== undefined) await write(folder, 'cpu.weight', weightOf(cpuShares));
    if (cpuQuota !== undefined) await write(folder, 'cpu.max', `${cpuQuota} ${cpuPeriod}`);
    if (memoryBytes !== undefined) await write(folder, 'memory.max', memoryBytes);
  }

  async remove(path: string): Promise<void> {
    await removeTree(join(this.#folder, path));
  }

  children(path: string): Promise<readonly string[]> {
    return foldersIn(join(this.#folder, path));
  }

  async usage(path: string): Promise<ProcessUsage | undefined> {
    const folder = join(this.#folder, path);
    const texts = await Promise.all([readAll(folder, usageFiles[2].cpu), readAll(folder, usageFiles[2].memory)]);
    return texts[0] && texts[1] && usageFromVersion2(texts[0], texts[1]);
  }
}

/** Shares from 2 to 262,144 as weights from 1 to 10,000 (KEP-2254). */
export function weightOf(cpuShares: number): number {
  return Math.max(1, Math.floor(1 + ((cpuShares - 2) * 9999) / 262_142));
}

async function handOnControllers(folder: string): Promise<void> {
  const there = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim().split(' ');
  const wanted = onVersion2.filter((name) => there.includes(name)).map((name) => `+${name}`);
  if (wanted.length > 0) await writeFile(join(folder, 'cgroup.subtree_control'), wanted.join(' '));
}

/** A new group of cpuset takes no process before it has CPUs and memory nodes: those of the one above. Answers them. */
async function inherit(root: string, names: readonly string[], file: string): Promise<string> {
  const path = join(root, ...names, file);
  const present = (await readFile(path, 'utf8')).trim();
  if (present !== '' || names.length === 0) return present;
  const above = await inherit(root, names.slice(0, -1), file);
  await writeFile(path, above);
  return above;
}

async function write(folder: string, file: string, value: number | string): Promise<void> {
  await writeFile(join(folder, file), String(value));
}

/** The files' texts, or `undefined` when one is missing. */
async function readAll(folder: string, files: readonly string[]): Promise<string[] | undefined> {
  try {
    return await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  } catch (error) {
    // A group that goes while it is read answers ENODEV.
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Groups that have none below them, as most, go without a look. */
async function removeTree(path: string): Promise<void> {
  try {
    return await rmdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
  }
  for (const name of await foldersIn(path)) await removeTree(join(path, name));
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
