import { chmod, chown, lstat, mkdir, open, readdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { run } from '../../base/node/command.ts';
import { removeTree } from '../../base/node/remove-tree.ts';
import { bindMount, isMounted, mountLayers, mountMemory, mountsBelow, remount, unmount } from './mounts.ts';
import { openBelow } from './sub-path.ts';
import { giveToGroup } from './group-ownership.ts';
import { writeFilesAtomically } from './atomic-files.ts';
import { usualFolder } from './csi/plugin-registry.ts';
import type { Ownership, SubPathPlace, VolumeDisk, VolumeFile, VolumePlace } from './volume-disk.ts';

export interface MachineDiskOptions {
  /** Absolute; all volumes are below it. */
  readonly folder: string;
  readonly log: Logger;
  readonly clock: Clock;
}

const everyone = 0o777;
const subPathFolder = 'volume-subpaths';
const volumeFolders = ['volumes', subPathFolder, 'volumeDevices'] as const;

/**
 * Opens the volumes' folder of a node. Files that hold secrets lie in memory: one file system for all pods is mounted
 * where that is allowed, so that a pod's volume is just a folder.
 */
export async function openMachineDisk(options: MachineDiskOptions): Promise<VolumeDisk> {
  const disk = new MachineDisk(options);
  await disk.open();
  return disk;
}

/** The name of one state of a volume's files, as Kubernetes writes it: the second, and a number of its own. */
export function versionName(now: number, write: number): string {
  const second = new Date(now).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '_');
  return `${second}.${String(now % 1000).padStart(3, '0')}${write}`;
}

class MachineDisk implements VolumeDisk {
  readonly #options: MachineDiskOptions;
  #writes = 0;

  constructor(options: MachineDiskOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { folder, log } = this.#options;
    const memory = join(folder, 'memory');
    for (const path of [join(folder, 'pods'), memory]) await mkdir(path, { recursive: true, mode: 0o750 });
    if (await isMountPoint(memory)) return;
    await mountMemory(memory, undefined).catch((error) =>
      log.warn('files of secrets lie on disk: no file system in memory could be mounted', { error: String(error) }),
    );
  }

  async makeFolder(place: VolumePlace, ownership: Ownership): Promise<string> {
    const path = this.#path('pods', place);
    await this.#make(path, ownership);
    return path;
  }

  async makeMemory(place: VolumePlace, ownership: Ownership, sizeBytes: number | undefined): Promise<string> {
    const path = this.#path('pods', place);
    await mkdir(path, { recursive: true });
    if (!(await isMountPoint(path))) await mountMemory(path, sizeBytes);
    await this.#make(path, ownership);
    return path;
  }

  async makeLayered(place: VolumePlace, folders: () => Promise<readonly string[]>): Promise<string> {
    const path = this.#path('pods', place);
    await mkdir(path, { recursive: true });
    if (!(await isMountPoint(path))) await mountLayers(path, await folders());
    return path;
  }

  async writeFiles(place: VolumePlace, files: readonly VolumeFile[], ownership: Ownership): Promise<string> {
    const path = this.#path('memory', place);
    await this.#make(path, ownership);
    const version = versionName(this.#options.clock.now(), this.#writes++);
    await writeFilesAtomically(path, files, { version, ...ownership });
    return path;
  }

  /** By a program: what a pod has filled need not fit into this process. Files that go meanwhile do not count. */
  async usedBytes(place: VolumePlace): Promise<number> {
    const measure = 'du --summarize --one-file-system --block-size=1 -- "$1" 2>/dev/null || true';
    return Number.parseInt(await run('sh', ['-c', measure, 'sh', this.#path('pods', place)]), 10) || 0;
  }

  onNode(path: string): string {
    const isKubelets = path === usualFolder || path.startsWith(`${usualFolder}/`);
    return isKubelets ? this.#options.folder + path.slice(usualFolder.length) : path;
  }

  async checkHostPath(path: string, type: string): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined && type === 'DirectoryOrCreate')
      return void (await mkdir(path, { recursive: true, mode: 0o755 }));
    if (found === undefined && type === 'FileOrCreate') return await (await open(path, 'a', 0o644)).close();
    const complaint: Record<string, string | false> = {
      Directory: !found?.isDirectory() && 'is not a directory',
      DirectoryOrCreate: !found?.isDirectory() && 'is not a directory',
      File: !found?.isFile() && 'is not a file',
      FileOrCreate: !found?.isFile() && 'is not a file',
      Socket: !found?.isSocket() && 'is not a socket file',
      CharDevice: !found?.isCharacterDevice() && 'is not a character device',
      BlockDevice: !found?.isBlockDevice() && 'is not a block device',
    };
    if (complaint[type]) throw new Error(`hostPath type check failed: ${path} ${complaint[type]}`);
  }

  async checkDevice(path: string): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) throw new Error(`path "${path}" does not exist`);
    if (!found.isBlockDevice()) throw new Error(`path "${path}" is not a block device`);
  }

  async bindFolder(
    place: VolumePlace,
    path: string,
    options: readonly string[],
    ownership: Ownership,
  ): Promise<string> {
    const target = this.#path('pods', place);
    await this.useFolder(path, ownership);
    await mkdir(target, { recursive: true });
    if (!(await isMounted(target))) {
      await bindMount(path, target);
      await remount(target, options);
    }
    return target;
  }

  async useFolder(path: string, ownership: Ownership): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) throw new Error(`path "${path}" does not exist`);
    if (!found.isDirectory()) throw new Error(`only directories are supported: path "${path}"`);
    await giveToGroup(path, ownership);
  }

  async subPath(root: string, subPath: string, place: SubPathPlace): Promise<string> {
    const { podUid, volume, container, index, mustExist } = place;
    const target = join(this.#options.folder, 'pods', podUid, subPathFolder, volume, container, String(index));
    const { handle, isFolder } = await openBelow(root, subPath, { mustExist });
    try {
      if (mustExist && !isFolder) throw new Error(`subpath "${subPath}" is not a directory`);
      await unmount(target);
      if (isFolder) await mkdir(target, { recursive: true });
      else {
        await mkdir(join(target, '..'), { recursive: true });
        await (await open(target, 'a')).close();
      }
      await bindMount(`/proc/${process.pid}/fd/${handle.fd}`, target);
    } finally {
      await handle.close();
    }
    return target;
  }

  async removeSubPaths(podUid: string): Promise<void> {
    const folder = join(this.#options.folder, 'pods', podUid, subPathFolder);
    for (const path of await mountsBelow(folder)) await unmount(path);
  }

  async remove(podUid: string): Promise<void> {
    const { folder } = this.#options;
    const pod = join(folder, 'pods', podUid);
    for (const path of await mountsBelow(pod)) await unmount(path);
    // A mount that could not be undone must not be emptied: it may be the machine's own folder.
    if ((await mountsBelow(pod)).length > 0) throw new Error(`volumes of pod ${podUid} are still mounted`);
    for (const path of [join(folder, 'memory', podUid), ...volumeFolders.map((name) => join(pod, name))])
      await removeTree(path);
    await rmdir(pod).catch(() => undefined); // others may keep something there
  }

  async podUids(): Promise<readonly string[]> {
    const { folder } = this.#options;
    const list = (name: string) => readdir(join(folder, name)).catch((): string[] => []);
    const withVolumes = (await list('pods')).map(async (uid) => {
      const there = await list(join('pods', uid));
      return volumeFolders.some((name) => there.includes(name)) ? [uid] : [];
    });
    return [...new Set([...(await list('memory')), ...(await Promise.all(withVolumes)).flat()])];
  }

  #path(kind: 'pods' | 'memory', { podUid, plugin, volume }: VolumePlace): string {
    const volumes = kind === 'pods' ? [podUid, volumeFolders[0]] : [podUid];
    return join(this.#options.folder, kind, ...volumes, plugin, volume);
  }

  /**
   * For everyone; files that are made in it belong to the pod's group, where it has one. The root of a file system in
   * memory keeps its sticky bit, as in Kubernetes.
   */
  async #make(path: string, { group }: Ownership): Promise<void> {
    await mkdir(path, { recursive: true });
    if (group !== undefined) await chown(path, 0, group);
    const sticky = (await stat(path)).mode & 0o1000;
    await chmod(path, sticky | everyone | (group === undefined ? 0 : 0o2000));
  }
}

async function isMountPoint(path: string): Promise<boolean> {
  const [own, above] = await Promise.all([lstat(path), lstat(join(path, '..'))]);
  return own.dev !== above.dev;
}
