/**
 * Where volumes are: folders on the node. The disk of simulated nodes has none. Failures reject with the text for an
 * event.
 */
export interface VolumeDisk {
  /** An empty folder; one that is there already is kept as it is. Answers its path. */
  makeFolder(place: VolumePlace, ownership: Ownership): Promise<string>;
  /** The same in memory, with a limit in bytes if one is given. */
  makeMemory(place: VolumePlace, ownership: Ownership, sizeBytes: number | undefined): Promise<string>;
  /**
   * Folders laid over each other, the first on top: nothing in them can be changed, nor run as a program. Where the volume
   * is there already, `folders` are not asked for. Answers its path.
   */
  makeLayered(place: VolumePlace, folders: () => Promise<readonly string[]>): Promise<string>;
  /** Makes `files` the content of the volume's folder, all of it at once for who looks. Answers the folder's path. */
  writeFiles(place: VolumePlace, files: readonly VolumeFile[], ownership: Ownership): Promise<string>;
  /** How many bytes of the disk a volume takes; none where there is no such volume. */
  usedBytes(place: VolumePlace): Promise<number>;
  /** A path of the machine as pods name it: below `/var/lib/kubelet` they mean the folder of their node's kubelet. */
  onNode(path: string): string;
  /** Rejects when the path is not of the type; makes it where the type says so. */
  checkHostPath(path: string, type: string): Promise<void>;
  /** Rejects when the path is no block device. */
  checkDevice(path: string): Promise<void>;
  /** The folder at `path`, mounted with options at the volume's own place. Answers that. */
  bindFolder(place: VolumePlace, path: string, options: readonly string[], ownership: Ownership): Promise<string>;
  /** Rejects when the folder is not there; gives it and all that is in it to the group, if there is one. */
  useFolder(path: string, ownership: Ownership): Promise<void>;
  /**
   * A path below a volume's folder that cannot be led out of it by symbolic links, made where missing unless it
   * `mustExist`. `place` and `index` tell apart what several containers mount.
   */
  subPath(root: string, subPath: string, place: SubPathPlace): Promise<string>;
  /** Takes away what containers were shown of parts of volumes. */
  removeSubPaths(podUid: string): Promise<void>;
  /** Removes everything of a pod's volumes. */
  remove(podUid: string): Promise<void>;
  podUids(): Promise<readonly string[]>;
}

export interface VolumePlace {
  readonly podUid: string;
  /** `kubernetes.io~configmap`: the kind of volume as a folder's name. */
  readonly plugin: string;
  readonly volume: string;
}

export function emptyDirPlace(podUid: string, volume: string): VolumePlace {
  return { podUid, plugin: 'kubernetes.io~empty-dir', volume };
}

export interface SubPathPlace {
  readonly podUid: string;
  readonly volume: string;
  readonly container: string;
  readonly index: number;
  /** As a folder. */
  readonly mustExist: boolean;
}

export interface VolumeFile {
  /** Relative, without `..`. */
  readonly path: string;
  readonly data: string | Uint8Array;
  readonly mode: number;
  /** Who owns the file, where it is not root. */
  readonly uid?: number;
}

export interface Ownership {
  /** The group that may use the volume. */
  readonly group?: number;
  /** Leaves what is in the folder alone where the folder itself belongs to the group already. */
  readonly onlyIfRootDiffers?: boolean;
}

/** For pods without processes. */
export const noVolumeDisk: VolumeDisk = {
  makeFolder: async ({ volume }) => `/volumes/${volume}`,
  makeMemory: async ({ volume }) => `/volumes/${volume}`,
  makeLayered: async ({ volume }, folders) => {
    await folders();
    return `/volumes/${volume}`;
  },
  writeFiles: async ({ volume }) => `/volumes/${volume}`,
  usedBytes: async () => 0,
  onNode: (path) => path,
  checkHostPath: async () => undefined,
  checkDevice: async () => undefined,
  bindFolder: async ({ volume }) => `/volumes/${volume}`,
  useFolder: async () => undefined,
  subPath: async (root, subPath) => `${root}/${subPath}`,
  removeSubPaths: async () => undefined,
  remove: async () => undefined,
  podUids: async () => [],
};
