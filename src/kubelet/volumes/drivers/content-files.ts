import { ConfigMaps, Secrets } from '../../../api/core/v1/types.ts';
import type { Pod, Volume } from '../../../api/core/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import type { Clock, Timer } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { Serial } from '../../../base/serial.ts';
import type { Followed, ObjectSource } from '../../objects/object-source.ts';
import type { Allocatable, PodAddresses } from '../../pods/downward.ts';
import { VolumeError } from '../payload.ts';
import type { FreshToken, TokenSpec } from '../token-source.ts';
import { hasContents, volumeContents, type ContentSources, type VolumeContents } from '../volume-contents.ts';
import type { VolumeDisk, VolumeFile } from '../volume-disk.ts';
import {
  ownershipOf,
  type NodeVolume,
  type PublishedVolume,
  type VolumeDriver,
  type VolumeUse,
} from '../volume-driver.ts';

export interface ContentFilesOptions {
  readonly disk: VolumeDisk;
  readonly objects: ObjectSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly token: (pod: Readonly<Pod>, spec: TokenSpec) => Promise<FreshToken>;
  readonly allocatable: Allocatable;
  readonly addresses: (pod: Readonly<Pod>) => PodAddresses;
}

/** How long a volume stays as it is after its files could not be written. */
const rewriteMs = 10_000;

/**
 * Files of ConfigMaps, Secrets, tokens and of the pod itself. They follow their sources: each source is watched for as long
 * as a pod shows it, and tokens are renewed in time.
 */
export function contentFilesDriver(options: ContentFilesOptions): VolumeDriver {
  return {
    name: 'kubernetes.io/projected',
    supports: (source) => hasContents(source as Volume),
    open: (use) => new ContentFiles(options, use),
  };
}

class ContentFiles implements NodeVolume {
  readonly #options: ContentFilesOptions;
  readonly #use: VolumeUse;
  readonly #followed = new Map<string, Followed<KubeObject>>();
  readonly #line = new Serial();
  readonly #tokens = new Map<string, FreshToken>();
  #path: string | undefined;
  #shown: readonly VolumeFile[] = [];
  #renewal: Timer | undefined;
  #closed = false;

  constructor(options: ContentFilesOptions, use: VolumeUse) {
    this.#options = options;
    this.#use = use;
  }

  /** Files that the kubelet writes are for reading only. */
  async publish(): Promise<PublishedVolume> {
    return await this.#line.run(async () => ({ path: (this.#path ??= await this.#write()), readOnly: true }));
  }

  podChanged(): void {
    const { downwardAPI, projected } = this.#use.volume;
    if (downwardAPI !== undefined || projected?.sources?.some((one) => one.downwardAPI !== undefined)) this.#refresh();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#renewal?.cancel();
    for (const followed of this.#followed.values()) followed[Symbol.dispose]();
    await this.#line.run(() => undefined);
  }

  /** Brings the files up to date; answers their folder. */
  async #write(): Promise<string> {
    const { disk, clock } = this.#options;
    const { volume, pod } = this.#use;
    const { files, renewAt } = await this.#contents();
    this.#renewal?.cancel();
    if (renewAt !== undefined && !this.#closed)
      this.#renewal = clock.setTimer(Math.max(0, renewAt - clock.now()), () => this.#refresh());
    if (this.#path !== undefined && areSameFiles(files, this.#shown)) return this.#path;
    this.#shown = files;
    const { configMap, secret, downwardAPI, name } = volume;
    const kind = configMap ? 'configmap' : secret ? 'secret' : downwardAPI ? 'downward-api' : 'projected';
    const place = { podUid: pod().metadata.uid ?? '', plugin: `kubernetes.io~${kind}`, volume: name };
    return await disk.writeFiles(place, files, ownershipOf(pod()));
  }

  async #contents(): Promise<VolumeContents> {
    const { room, volume, pod } = this.#use;
    room.clear(volume.name);
    try {
      return await volumeContents(pod(), volume, this.#sources());
    } catch (error) {
      room.clear(volume.name);
      throw error;
    }
  }

  /** A source has changed: of a volume that is set up the files follow, another one is tried again. */
  #refresh(): void {
    const { log, clock } = this.#options;
    if (this.#closed) return;
    if (this.#path === undefined) return this.#use.retry();
    this.#line
      .run(async () => {
        if (!this.#closed) await this.#write();
      })
      .catch((error) => {
        log.warn('volume was not brought up to date', { volume: this.#use.volume.name, error: String(error) });
        if (!(error instanceof VolumeError)) this.#renewal = clock.setTimer(rewriteMs, () => this.#refresh());
      });
  }

  #sources(): ContentSources {
    const { allocatable, addresses, token, clock } = this.#options;
    const { pod, room, volume } = this.#use;
    return {
      configMap: (name) => this.#read(ConfigMaps, name),
      secret: (name) => this.#read(Secrets, name),
      token: async (spec) => {
        const key = JSON.stringify(spec);
        const known = this.#tokens.get(key);
        if (known !== undefined && known.renewAt > clock.now()) return known;
        const fresh = await token(pod(), spec);
        this.#tokens.set(key, fresh);
        return fresh;
      },
      take: (file) => room.take(volume.name, file),
      addresses: addresses(pod()),
      allocatable,
    };
  }

  #read<T extends KubeObject>(type: ResourceType<T>, name: string): Promise<Readonly<T> | undefined> {
    const key = `${type.resource}/${name}`;
    let followed = this.#followed.get(key) as Followed<T> | undefined;
    if (followed === undefined) {
      const { namespace = '' } = this.#use.pod().metadata;
      followed = this.#options.objects.follow(type, { namespace, name }, () => this.#refresh());
      this.#followed.set(key, followed);
    }
    return followed.current();
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
