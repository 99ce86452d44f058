import { podLimits } from '../../api/core/pod-requests.ts';
import { ConfigMaps, Secrets, type Pod, type Volume } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { parseQuantity, quantityToNumber } from '../../apimachinery/quantity.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { Serial } from '../../base/serial.ts';
import type { Followed, ObjectSource } from '../objects/object-source.ts';
import type { Allocatable, PodAddresses } from '../pods/downward.ts';
import { ConfigurationError } from '../pods/environment.ts';
import { expand } from '../pods/expand.ts';
import { containersOf, type PodContainer } from '../pods/pod-containers.ts';
import { StartRefusal } from '../pods/start-refusal.ts';
import type { ContainerRuntime, Image, Mount } from '../runtime/runtime.ts';
import { claimedVolume, type ReadObject } from './claimed-volume.ts';
import { ContentRoom } from './content-room.ts';
import { VolumeError } from './payload.ts';
import type { FreshToken, TokenSpec } from './token-source.ts';
import { hasContents, volumeContents, type ContentSources, type VolumeContents } from './volume-contents.ts';
import { emptyDirPlace, type Ownership, type VolumeDisk, type VolumeFile } from './volume-disk.ts';
import type { VolumeFailure, VolumeStore } from './volume-store.ts';

export interface PodVolumesOptions {
  readonly disk: VolumeDisk;
  readonly images: Pick<ContainerRuntime, 'holdImage' | 'releaseImages' | 'imageHolders'>;
  readonly objects: ObjectSource;
  readonly read: ReadObject;
  readonly clock: Clock;
  readonly log: Logger;
  readonly token: (pod: Readonly<Pod>, spec: TokenSpec) => Promise<FreshToken>;
  readonly allocatable: Allocatable;
  readonly addresses: (pod: Readonly<Pod>) => PodAddresses;
  /** A volume that could not be set up may be had now. */
  readonly onChange: (podUid: string) => void;
}

/**
 * The volumes of a node's pods. Files of ConfigMaps, Secrets and of the pod itself follow their sources: each source is
 * watched for as long as a pod shows it, and tokens are renewed in time.
 */
export class PodVolumes implements VolumeStore {
  readonly #options: PodVolumesOptions;
  readonly #pods = new Map<string, Map<string, LiveVolume>>();
  readonly #rooms = new Map<string, ContentRoom>();

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  async setUp(pod: Readonly<Pod>): Promise<readonly VolumeFailure[]> {
    const uses = containersOf(pod).flatMap(({ spec }) => [...(spec.volumeMounts ?? []), ...(spec.volumeDevices ?? [])]);
    const used = new Set(uses.map(({ name }) => name));
    const failures = await Promise.all(
      (pod.spec.volumes ?? [])
        .filter(({ name }) => used.has(name))
        .map(async (volume) => {
          try {
            await this.#live(pod, volume).setUp(pod);
            return [];
          } catch (error) {
            return [{ volume: volume.name, message: error instanceof Error ? error.message : String(error) }];
          }
        }),
    );
    return failures.flat();
  }

  async showImage(pod: Readonly<Pod>, volume: Volume, pull: () => Promise<Image>): Promise<void> {
    await this.#live(pod, volume).showImage(pull);
  }

  #live(pod: Readonly<Pod>, volume: Volume): LiveVolume {
    const uid = pod.metadata.uid ?? '';
    let volumes = this.#pods.get(uid);
    if (volumes === undefined) this.#pods.set(uid, (volumes = new Map()));
    let live = volumes.get(volume.name);
    if (live === undefined) {
      let room = this.#rooms.get(uid);
      if (room === undefined) this.#rooms.set(uid, (room = new ContentRoom()));
      volumes.set(volume.name, (live = new LiveVolume(this.#options, pod, volume, room)));
    }
    return live;
  }

  async mountsOf(
    pod: Readonly<Pod>,
    { spec, name: container }: PodContainer,
    variable: (name: string) => string | undefined,
  ): Promise<readonly Mount[]> {
    const podUid = pod.metadata.uid ?? '';
    const volumes = this.#pods.get(podUid);
    const mounts = (spec.volumeMounts ?? []).map(async (mount, index): Promise<Mount> => {
      const { name, mountPath, readOnly = false, mountPropagation = 'None', subPath, subPathExpr } = mount;
      if (mount.recursiveReadOnly === 'Enabled')
        throw new ConfigurationError(
          `volume ${JSON.stringify(name)} requested recursive read-only mode, but it is not supported by the runtime`,
        );
      const live = volumes?.get(name);
      if (live?.path === undefined)
        throw new ConfigurationError(`cannot find volume "${name}" to mount into container "${container}"`);
      const below = subPathExpr === undefined ? (subPath ?? '') : expandAll(subPathExpr, variable);
      const place = { podUid, volume: name, container, index, mustExist: live.isImage };
      const hostPath = below === '' ? live.path : await this.#subPath(live.path, below, place);
      return {
        containerPath: absolute(mountPath),
        hostPath,
        readOnly: live.isImage ? false : readOnly || live.isReadOnly, // an image is read-only by itself, and more than that
        propagation: propagations[mountPropagation],
      };
    });
    return await Promise.all(mounts);
  }

  podChanged(pod: Readonly<Pod>): void {
    for (const live of this.#pods.get(pod.metadata.uid ?? '')?.values() ?? []) live.podChanged(pod);
  }

  async tearDown(podUid: string): Promise<void> {
    const volumes = this.#pods.get(podUid);
    this.#pods.delete(podUid);
    this.#rooms.delete(podUid);
    await Promise.all([...(volumes?.values() ?? [])].map((live) => live.close()));
    await this.#options.disk.remove(podUid);
    await this.#options.images.releaseImages(podUid);
  }

  async podUids(): Promise<readonly string[]> {
    const { disk, images } = this.#options;
    const kept = await Promise.all([disk.podUids(), images.imageHolders()]);
    return [...new Set([...this.#pods.keys(), ...kept.flat()])];
  }

  async #subPath(root: string, below: string, place: Parameters<VolumeDisk['subPath']>[2]): Promise<string> {
    if (below.startsWith('/')) throw new ConfigurationError(`error SubPath "${below}" must not be an absolute path`);
    if (below.split('/').includes('..'))
      throw new ConfigurationError(`unable to provision SubPath "${below}": must not contain '..'`);
    try {
      return await this.#options.disk.subPath(root, below, place);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (place.mustExist) throw new Error(`${imageFailure}: ${text}`, { cause: error });
      throw new ConfigurationError(
        `failed to prepare subPath for volumeMount "${place.volume}" of container "${place.container}": ${text}`,
      );
    }
  }
}

/** How CRI names it that an image cannot be mounted. */
const imageFailure = 'ImageVolumeMountFailed';
const propagations = { None: 'private', HostToContainer: 'host-to-container', Bidirectional: 'bidirectional' } as const;

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

function expandAll(text: string, variable: (name: string) => string | undefined): string {
  let missing = false;
  const expanded = expand(text, (name) => {
    const value = variable(name);
    missing ||= value === undefined;
    return value;
  });
  if (missing) throw new ConfigurationError(`missing value for ${JSON.stringify(text)}`);
  return expanded;
}

/** One volume of one pod. */
class LiveVolume {
  readonly #options: PodVolumesOptions;
  readonly #volume: Volume;
  readonly #room: ContentRoom;
  readonly #followed = new Map<string, Followed<KubeObject>>();
  readonly #line = new Serial();
  #pod: Readonly<Pod>;
  #path: string | undefined;
  #isReadOnly = false;
  #shown: readonly VolumeFile[] = [];
  #renewal: Timer | undefined;
  #tokens = new Map<string, FreshToken>();
  #closed = false;

  constructor(options: PodVolumesOptions, pod: Readonly<Pod>, volume: Volume, room: ContentRoom) {
    this.#options = options;
    this.#pod = pod;
    this.#volume = volume;
    this.#room = room;
  }

  /** On the node; `undefined` until the volume is set up. */
  get path(): string | undefined {
    return this.#path;
  }

  /** Files that the kubelet writes are for reading only, and so is what a claim is used for in this way. */
  get isReadOnly(): boolean {
    return this.#isReadOnly || hasContents(this.#volume);
  }

  get isImage(): boolean {
    return this.#volume.image !== undefined;
  }

  /** An image is shown when a container is about to start: its failures are told of that container. */
  async setUp(pod: Readonly<Pod>): Promise<void> {
    this.#pod = pod;
    if (this.isImage) return;
    if (this.#path === undefined) await this.#line.run(() => this.#make());
  }

  async showImage(pull: () => Promise<Image>): Promise<void> {
    const { disk, images } = this.#options;
    await this.#line.run(async () => {
      if (this.#path !== undefined || this.#closed) return;
      const place = this.#place('image');
      try {
        this.#path = await disk.makeLayered(place, async () => await images.holdImage((await pull()).id, place));
      } catch (error) {
        if (error instanceof StartRefusal) throw error;
        const text = error instanceof Error ? error.message : String(error);
        throw new Error(`${imageFailure}: ${text}`, { cause: error });
      }
    });
  }

  podChanged(pod: Readonly<Pod>): void {
    this.#pod = pod;
    const { downwardAPI, projected } = this.#volume;
    if (downwardAPI !== undefined || projected?.sources?.some((one) => one.downwardAPI !== undefined)) this.#refresh();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#renewal?.cancel();
    for (const followed of this.#followed.values()) followed[Symbol.dispose]();
    await this.#line.run(() => undefined);
  }

  async #make(): Promise<void> {
    if (this.#path !== undefined || this.#closed) return;
    const { disk } = this.#options;
    const { emptyDir, hostPath, name } = this.#volume;
    if (hasContents(this.#volume)) this.#path = await this.#write();
    else if (hostPath !== undefined) {
      await disk.checkHostPath(hostPath.path, hostPath.type ?? '');
      this.#path = hostPath.path;
    } else if (emptyDir !== undefined) {
      const { medium = '', sizeLimit } = emptyDir;
      if (medium !== '' && medium !== 'Memory') throw new VolumeError(refusedMedium(medium));
      const place = emptyDirPlace(this.#pod.metadata.uid ?? '', name);
      this.#path = await (medium === 'Memory'
        ? disk.makeMemory(place, this.#ownership(), memorySize(this.#pod, sizeLimit, this.#options.allocatable))
        : disk.makeFolder(place, this.#ownership()));
    } else {
      const claimed = await claimedVolume(this.#pod, this.#volume, this.#options.read);
      const { hostPath: claimedPath, local } = claimed?.spec ?? {};
      this.#isReadOnly = claimed?.readOnly ?? false;
      if (local !== undefined) {
        await disk.useFolder(local.path, this.#ownership());
        this.#path = local.path;
      } else if (claimedPath !== undefined) {
        await disk.checkHostPath(claimedPath.path, claimedPath.type ?? '');
        this.#path = claimedPath.path;
      } else {
        const kind = claimed === undefined ? kindOf(this.#volume, ['name']) : kindOf(claimed.spec, notSources);
        throw new VolumeError(`volumes of type ${kind} are not supported: volume "${name}"`);
      }
    }
  }

  /** Brings the files up to date; answers their folder. */
  async #write(): Promise<string> {
    const { disk, clock } = this.#options;
    const { files, renewAt } = await this.#contents();
    this.#renewal?.cancel();
    if (renewAt !== undefined && !this.#closed)
      this.#renewal = clock.setTimer(Math.max(0, renewAt - clock.now()), () => this.#refresh());
    if (this.#path !== undefined && areSameFiles(files, this.#shown)) return this.#path;
    this.#shown = files;
    const { configMap, secret, downwardAPI } = this.#volume;
    const kind = configMap ? 'configmap' : secret ? 'secret' : downwardAPI ? 'downward-api' : 'projected';
    return await disk.writeFiles(this.#place(kind), files, this.#ownership());
  }

  async #contents(): Promise<VolumeContents> {
    this.#room.clear(this.#volume.name);
    try {
      return await volumeContents(this.#pod, this.#volume, this.#sources());
    } catch (error) {
      this.#room.clear(this.#volume.name);
      throw error;
    }
  }

  /** A source has changed: of a volume that is set up the files follow, another one is tried again. */
  #refresh(): void {
    const { log, onChange, clock } = this.#options;
    if (this.#closed) return;
    if (this.#path === undefined) return onChange(this.#pod.metadata.uid ?? '');
    this.#line
      .run(async () => {
        if (!this.#closed) await this.#write();
      })
      .catch((error) => {
        log.warn('volume was not brought up to date', { volume: this.#volume.name, error: String(error) });
        if (!(error instanceof VolumeError)) this.#renewal = clock.setTimer(10_000, () => this.#refresh());
      });
  }

  #sources(): ContentSources {
    const { allocatable, addresses, token, clock } = this.#options;
    return {
      configMap: (name) => this.#read(ConfigMaps, name),
      secret: (name) => this.#read(Secrets, name),
      token: async (spec) => {
        const key = JSON.stringify(spec);
        const known = this.#tokens.get(key);
        if (known !== undefined && known.renewAt > clock.now()) return known;
        const fresh = await token(this.#pod, spec);
        this.#tokens.set(key, fresh);
        return fresh;
      },
      take: (file) => this.#room.take(this.#volume.name, file),
      addresses: addresses(this.#pod),
      allocatable,
    };
  }

  #read<T extends KubeObject>(type: ResourceType<T>, name: string): Promise<Readonly<T> | undefined> {
    const key = `${type.resource}/${name}`;
    let followed = this.#followed.get(key) as Followed<T> | undefined;
    if (followed === undefined) {
      const { namespace = '' } = this.#pod.metadata;
      followed = this.#options.objects.follow(type, { namespace, name }, () => this.#refresh());
      this.#followed.set(key, followed);
    }
    return followed.current();
  }

  #place(kind: string) {
    return { podUid: this.#pod.metadata.uid ?? '', plugin: `kubernetes.io~${kind}`, volume: this.#volume.name };
  }

  #ownership(): Ownership {
    const { fsGroup, fsGroupChangePolicy } = this.#pod.spec.securityContext ?? {};
    if (fsGroup === undefined) return {};
    return { group: fsGroup, onlyIfRootDiffers: fsGroupChangePolicy === 'OnRootMismatch' };
  }
}

function areSameFiles(files: readonly VolumeFile[], others: readonly VolumeFile[]): boolean {
  return (
    files.length === others.length &&
    files.every(({ path, data, mode, uid }, at) => {
      const other = others[at]!;
      return path === other.path && mode === other.mode && uid === other.uid && isSameData(data, other.data);
    })
  );
}

function isSameData(a: VolumeFile['data'], b: VolumeFile['data']): boolean {
  return a === b || Buffer.from(a as string).equals(Buffer.from(b as string));
}

/** Of a volume in memory, in bytes: what the volume, the pod and the node's pods together may use, whichever is least. */
function memorySize(pod: Readonly<Pod>, sizeLimit: string | undefined, { memory }: Allocatable): number | undefined {
  const ofPod = podLimits(pod)['memory'];
  const bounds = [memory, sizeLimit].flatMap((text) => (text === undefined ? [] : [parseQuantity(text)]));
  if (ofPod !== undefined) bounds.push(ofPod);
  const sizes = bounds.map(quantityToNumber).filter((size) => size > 0);
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}

/** Nodes have no huge pages, so no pod that asks for some comes here. */
function refusedMedium(medium: string): string {
  return /^HugePages(-|$)/.test(medium)
    ? `medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`
    : `unknown storage medium ${JSON.stringify(medium)}`;
}

/** What of a persistent volume is an object and no source. */
const notSources = ['nodeAffinity', 'claimRef', 'capacity', 'accessModes', 'mountOptions'];

/** The name of the source. */
function kindOf(volume: object, others: readonly string[]): string {
  return (
    Object.entries(volume).find(([key, value]) => typeof value === 'object' && !others.includes(key))?.[0] ?? 'unknown'
  );
}
