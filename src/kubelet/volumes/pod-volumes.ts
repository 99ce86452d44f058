import type { Pod, Volume } from '../../api/core/v1/types.ts';
import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import { ConfigurationError } from '../pods/environment.ts';
import { expand } from '../pods/expand.ts';
import { containersOf, type PodContainer } from '../pods/pod-containers.ts';
import type { ContainerRuntime, Device, Image, Mount } from '../runtime/runtime.ts';
import type { ReadObject } from './claimed-volume.ts';
import { ContentRoom } from './content-room.ts';
import { imageFailure } from './drivers/image.ts';
import { PodVolume } from './pod-volume.ts';
import type { PublishedVolume, VolumeDriver } from './volume-driver.ts';
import type { VolumeDisk } from './volume-disk.ts';
import type { VolumeSetUp, VolumeStore } from './volume-store.ts';
import { VolumeTable } from './volume-table.ts';

export interface PodVolumesOptions {
  readonly disk: VolumeDisk;
  /** The first that supports a volume has it. */
  readonly drivers: readonly VolumeDriver[];
  readonly images: Pick<ContainerRuntime, 'releaseImages' | 'imageHolders'>;
  readonly read: ReadObject;
  readonly clock: Clock;
  /** A volume that could not be set up may be had now. */
  readonly onChange: (podUid: string) => void;
  /** Other volumes are in use than before. */
  readonly onUse?: () => void;
}

/** The volumes of a node's pods. */
export class PodVolumes implements VolumeStore {
  readonly #options: PodVolumesOptions;
  readonly #table: VolumeTable;
  readonly #pods = new Map<string, Map<string, PodVolume>>();
  readonly #rooms = new Map<string, ContentRoom>();

  constructor(options: PodVolumesOptions) {
    this.#options = options;
    this.#table = new VolumeTable(options.drivers, options.onUse ?? (() => undefined));
  }

  async setUp(pod: Readonly<Pod>): Promise<VolumeSetUp> {
    const uses = containersOf(pod).flatMap(({ spec }) => [...(spec.volumeMounts ?? []), ...(spec.volumeDevices ?? [])]);
    const used = new Set(uses.map(({ name }) => name));
    const volumes = (pod.spec.volumes ?? []).filter(({ name }) => used.has(name));
    const live = volumes.map((volume) => this.#live(pod, volume));
    const failures = (await Promise.all(live.map((one) => one.setUp(pod)))).flatMap((failure) => failure ?? []);
    const missing = live.filter((one, at) => one.published === undefined && volumes[at]!.image === undefined);
    if (missing.length === 0) return { failures };
    return { failures, againAt: Math.min(...missing.map(({ retryAt }) => retryAt)) };
  }

  async showImage(pod: Readonly<Pod>, volume: Volume, pull: () => Promise<Image>): Promise<void> {
    await this.#live(pod, volume).showImage(pull);
  }

  #live(pod: Readonly<Pod>, volume: Volume): PodVolume {
    const uid = pod.metadata.uid ?? '';
    let volumes = this.#pods.get(uid);
    if (volumes === undefined) this.#pods.set(uid, (volumes = new Map()));
    let live = volumes.get(volume.name);
    if (live === undefined) {
      let room = this.#rooms.get(uid);
      if (room === undefined) this.#rooms.set(uid, (room = new ContentRoom()));
      live = new PodVolume({ ...this.#options, table: this.#table }, pod, volume, room);
      volumes.set(volume.name, live);
    }
    return live;
  }

  async mountsOf(
    pod: Readonly<Pod>,
    { spec, name: container }: PodContainer,
    variable: (name: string) => string | undefined,
  ): Promise<readonly Mount[]> {
    const podUid = pod.metadata.uid ?? '';
    const mounts = (spec.volumeMounts ?? []).map(async (mount, index): Promise<Mount> => {
      const { name, mountPath, readOnly = false, mountPropagation = 'None', subPath, subPathExpr } = mount;
      if (mount.recursiveReadOnly === 'Enabled')
        throw new ConfigurationError(
          `volume ${JSON.stringify(name)} requested recursive read-only mode, but it is not supported by the runtime`,
        );
      const published = this.#published(podUid, name);
      if (published === undefined)
        throw new ConfigurationError(`cannot find volume "${name}" to mount into container "${container}"`);
      const below = subPathExpr === undefined ? (subPath ?? '') : expandAll(subPathExpr, variable);
      const { path, keepsFlags = false } = published;
      const place = { podUid, volume: name, container, index, mustExist: keepsFlags };
      return {
        containerPath: absolute(mountPath),
        hostPath: below === '' ? path : await this.#subPath(path, below, place),
        readOnly: keepsFlags ? false : readOnly || published.readOnly,
        propagation: propagations[mountPropagation],
      };
    });
    return await Promise.all(mounts);
  }

  devicesOf(pod: Readonly<Pod>, { spec, name: container }: PodContainer): readonly Device[] {
    return (spec.volumeDevices ?? []).map(({ name, devicePath }) => {
      const published = this.#published(pod.metadata.uid ?? '', name);
      if (published === undefined)
        throw new ConfigurationError(`cannot find volume "${name}" to pass into container "${container}"`);
      return { containerPath: devicePath, hostPath: published.path, permissions: published.readOnly ? 'r' : 'mrw' };
    });
  }

  podChanged(pod: Readonly<Pod>): void {
    for (const live of this.#pods.get(pod.metadata.uid ?? '')?.values() ?? []) live.podChanged(pod);
  }

  /** Volumes may have come to the node, or drivers. */
  retryMissing(): void {
    for (const volumes of this.#pods.values())
      for (const live of volumes.values()) if (live.published === undefined && live.retryAt > 0) live.retry();
  }

  /** Finds what an earlier agent has begun: before that nobody may be told what is in use. */
  async reconstruct(): Promise<void> {
    await this.#table.reconstruct();
  }

  volumesInUse(): readonly string[] {
    return this.#table.inUse();
  }

  async tearDown(podUid: string): Promise<void> {
    const { disk, images } = this.#options;
    const volumes = this.#pods.get(podUid);
    this.#pods.delete(podUid);
    this.#rooms.delete(podUid);
    await Promise.all([...(volumes?.values() ?? [])].map((live) => live.close()));
    await disk.removeSubPaths(podUid);
    await this.#table.unpublish(podUid);
    await disk.remove(podUid);
    await images.releaseImages(podUid);
  }

  async podUids(): Promise<readonly string[]> {
    const { disk, images } = this.#options;
    const kept = await Promise.all([disk.podUids(), images.imageHolders(), this.#table.podUids()]);
    return [...new Set([...this.#pods.keys(), ...kept.flat()])];
  }

  #published(podUid: string, name: string): PublishedVolume | undefined {
    return this.#pods.get(podUid)?.get(name)?.published;
  }

  async #subPath(root: string, below: string, place: Parameters<VolumeDisk['subPath']>[2]): Promise<string> {
    if (below.startsWith('/')) throw new ConfigurationError(`error SubPath "${below}" must not be an absolute path`);
    if (below.split('/').includes('..'))
      throw new ConfigurationError(`unable to provision SubPath "${below}": must not contain '..'`);
    try {
      return await this.#options.disk.subPath(root, below, place);
    } catch (error) {
      const text = errorText(error);
      if (place.mustExist) throw new Error(`${imageFailure}: ${text}`, { cause: error });
      throw new ConfigurationError(
        `failed to prepare subPath for volumeMount "${place.volume}" of container "${place.container}": ${text}`,
      );
    }
  }
}

const propagations = { None: 'private', HostToContainer: 'host-to-container', Bidirectional: 'bidirectional' } as const;

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

function expandAll(text: string, variable: (name: string) => string | undefined): string {
  const missing = new Set<string>();
  const expanded = expand(text, (name) => {
    const value = variable(name);
    if (!value) missing.add(name);
    return value;
  });
  if (missing.size > 0) throw new ConfigurationError(`missing value for ${[...missing].sort().join(', ')}`);
  return expanded;
}
