import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomically } from '../../../base/node/files.ts';
import { giveToGroup } from '../group-ownership.ts';
import { isMounted } from '../mounts.ts';
import type { Ownership } from '../volume-disk.ts';

/** What is kept of a volume beside it, under the names that Kubernetes gives it: enough to undo it without its objects. */
export interface VolumeRecord {
  readonly specVolID: string;
  readonly volumeHandle: string;
  readonly driverName: string;
  readonly nodeName: string;
  readonly volumeLifecycleMode: 'Persistent' | 'Ephemeral';
  readonly attachmentID: string;
  /** `true`, or absent. */
  readonly attachRequired?: string;
}

export interface PublishedRecord {
  readonly podUid: string;
  readonly isBlock: boolean;
  readonly record: VolumeRecord;
}

const recordName = 'vol_data.json';
const plugin = 'kubernetes.io~csi';

/** Where volumes of drivers lie below the kubelet's folder, as in Kubernetes: drivers know these paths. */
export class CsiFolders {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  staging({ driverName, volumeHandle, specVolID }: VolumeRecord, isBlock: boolean): string {
    const plugins = join(this.folder, 'plugins/kubernetes.io/csi');
    if (isBlock) return join(plugins, 'volumeDevices/staging', specVolID);
    const hash = createHash('sha256').update(volumeHandle).digest('hex');
    return join(plugins, driverName, hash, 'globalmount');
  }

  /** A folder to be, or for a device a file. */
  target({ specVolID }: VolumeRecord, podUid: string, isBlock: boolean): string {
    if (isBlock) return join(this.folder, 'plugins/kubernetes.io/csi/volumeDevices/publish', specVolID, podUid);
    return join(this.#ofPod(podUid, specVolID, false), 'mount');
  }

  /** Makes what a driver expects: a folder to stage in, or the folder of what is published; a record of it is kept first. */
  async begin(path: string, podUid: string | undefined, isBlock: boolean, record: VolumeRecord): Promise<void> {
    await mkdir(podUid === undefined ? path : dirname(path), { recursive: true, mode: 0o750 });
    const beside =
      podUid === undefined ? this.#besideStaging(path, isBlock) : this.#ofPod(podUid, record.specVolID, isBlock);
    await mkdir(beside, { recursive: true, mode: 0o750 });
    await writeFileAtomically(join(beside, recordName), JSON.stringify(record));
  }

  /** Removes what a driver has left of a path, and the record of it. Rejects where something is still mounted. */
  async end(path: string, podUid: string | undefined, isBlock: boolean, { specVolID }: VolumeRecord): Promise<void> {
    if (await isMounted(path)) throw new Error(`"${path}" is still mounted`);
    await rmdir(path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') await rm(path);
      else if (error.code !== 'ENOENT') throw error;
    });
    const beside = podUid === undefined ? this.#besideStaging(path, isBlock) : this.#ofPod(podUid, specVolID, isBlock);
    await rm(join(beside, recordName), { force: true });
    await rmdir(beside).catch(() => undefined);
  }

  /** Whether a driver was asked, or was about to be, to show the volume to the pod. */
  async isBegun(podUid: string, isBlock: boolean, { specVolID }: VolumeRecord): Promise<boolean> {
    const found = await stat(join(this.#ofPod(podUid, specVolID, isBlock), recordName)).catch(() => undefined);
    return found !== undefined;
  }

  async isStaged(path: string, isBlock: boolean): Promise<boolean> {
    return (await this.#read(this.#besideStaging(path, isBlock))) !== undefined;
  }

  isMounted(path: string): Promise<boolean> {
    return isMounted(path);
  }

  async giveToGroup(path: string, ownership: Ownership): Promise<void> {
    await giveToGroup(path, ownership);
  }

  async published(): Promise<readonly PublishedRecord[]> {
    const found: PublishedRecord[] = [];
    for (const podUid of await list(join(this.folder, 'pods')))
      for (const isBlock of [false, true])
        for (const name of await list(dirname(this.#ofPod(podUid, '-', isBlock)))) {
          const record = await this.#read(this.#ofPod(podUid, name, isBlock));
          if (record !== undefined) found.push({ podUid, isBlock, record });
        }
    return found;
  }

  #ofPod(podUid: string, specVolID: string, isBlock: boolean): string {
    return join(this.folder, 'pods', podUid, isBlock ? 'volumeDevices' : 'volumes', plugin, specVolID);
  }

  #besideStaging(path: string, isBlock: boolean): string {
    return isBlock ? `${path}-data` : dirname(path);
  }

  /** `undefined` also for what is no record, as a machine that stops may leave it. */
  async #read(folder: string): Promise<VolumeRecord | undefined> {
    const text = await readFile(join(folder, recordName), 'utf8').catch(() => undefined);
    const { driverName, volumeHandle, specVolID = '', ...rest } = recordFrom(text ?? '');
    if (driverName === undefined || volumeHandle === undefined) return undefined;
    return { ...(rest as VolumeRecord), driverName, volumeHandle, specVolID };
  }
}

function recordFrom(text: string): Partial<VolumeRecord> {
  try {
    return (JSON.parse(text) as Partial<VolumeRecord> | null) ?? {};
  } catch {
    return {};
  }
}

async function list(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}
