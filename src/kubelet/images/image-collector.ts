import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import type { ContainerRuntime, Image } from '../runtime/runtime.ts';
import type { DiskUsage } from '../stats/usage.ts';
import type { PullRecords } from './pull-records.ts';

/** When images go that nothing uses. Percent of the disk that is in use. */
export interface ImageCollectionPolicy {
  /** From here on images are removed, */
  readonly highPercent: number;
  /** until no more than this is in use. */
  readonly lowPercent: number;
  /** Who has just pulled an image is about to use it. */
  readonly leastAgeMs: number;
}

/** What a stock kubelet does by default (KubeletConfiguration v1beta1, `imageGCHighThresholdPercent`). */
export const defaultImageCollection: ImageCollectionPolicy = { highPercent: 85, lowPercent: 80, leastAgeMs: 120_000 };

/** For nodes that share a machine's disk with everything else that is on it, as `sharedMachineEvictionHard`. */
export const sharedMachineImageCollection: ImageCollectionPolicy = {
  ...defaultImageCollection,
  highPercent: 98,
  lowPercent: 97,
};

export interface ImageCollectorOptions {
  readonly runtime: Pick<ContainerRuntime, 'listImages' | 'listContainers' | 'removeImage'>;
  /** The disk that images lie on. */
  readonly disk: () => Promise<DiskUsage>;
  readonly records: Pick<PullRecords, 'prune'>;
  /** Records an event about the node. */
  readonly tell: (type: 'Warning', reason: string, message: string) => void;
  /** Names of images that the runtime itself needs: containerd 1.6 does not say so of what sandboxes run. */
  readonly ofRuntime: readonly string[];
  readonly policy: ImageCollectionPolicy;
  readonly clock: Clock;
}

interface ImageUse {
  readonly seenAt: number;
  readonly usedAt: number;
}

const lookEveryMs = 300_000;

/** Removes images that no container uses, the one that was used longest ago first, before they fill the disk. */
export class ImageCollector {
  readonly #options: ImageCollectorOptions;
  #uses: ReadonlyMap<string, ImageUse> = new Map();
  #listedAt = 0;

  constructor(options: ImageCollectorOptions) {
    this.#options = options;
  }

  /** Looks every five minutes until `signal` aborts. Failures in a row are told in events. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, tell } = this.#options;
    let hasFailed = false;
    while (!signal.aborted) {
      const failure = await this.collect().then(
        () => undefined,
        (error: unknown) => errorText(error),
      );
      if (failure !== undefined && hasFailed) tell('Warning', 'ImageGCFailed', failure);
      hasFailed = failure !== undefined;
      await clock.sleep(lookEveryMs, signal).catch(() => {});
    }
  }

  /** Rejects with the text for an event where the disk stays too full. */
  async collect(): Promise<void> {
    const { disk, tell, policy } = this.#options;
    const unused = await this.#unused();
    const { capacityBytes, availableBytes } = await disk();
    if (capacityBytes === 0) {
      const message = 'invalid capacity 0 on image filesystem';
      tell('Warning', 'InvalidDiskCapacity', message);
      throw new Error(message);
    }
    const percent = 100 - Math.floor((Math.min(availableBytes, capacityBytes) * 100) / capacityBytes);
    if (percent < policy.highPercent) return;
    const wanted = Math.floor((capacityBytes * (100 - policy.lowPercent)) / 100) - availableBytes;
    const freed = await this.#free(unused, wanted);
    if (freed >= wanted) return;
    const message =
      `Insufficient free disk space on the node's image filesystem (${percent}% of ${sizeText(capacityBytes)} used). ` +
      `Failed to free sufficient space by deleting unused images (freed ${freed} bytes). ` +
      'Investigate disk usage, as it could be used by active images, logs, volumes, or other data.';
    tell('Warning', 'FreeDiskSpaceFailed', message);
    throw new Error(message);
  }

  /** Removes every image that nothing uses and that is not just new. */
  async removeUnused(): Promise<void> {
    await this.#free(await this.#unused(), Infinity);
  }

  /** Images that nothing uses now, the one used longest ago first, and of those the one that came first. */
  async #unused(): Promise<Image[]> {
    const { runtime, clock, policy, ofRuntime } = this.#options;
    // In this order: a container that is made in between uses an image that is old enough to be seen.
    const listedAt = clock.monotonic();
    const images = await runtime.listImages();
    const ofContainers = (await runtime.listContainers()).flatMap(({ image, imageId }) => [image, imageId]);
    const used = new Set([...ofRuntime, ...ofContainers]);
    const now = clock.monotonic();
    const uses = new Map<string, ImageUse>();
    const isUsed = ({ id, tags, digests }: Image): boolean => [id, ...tags, ...digests].some((name) => used.has(name));
    for (const image of images) {
      const { seenAt = now, usedAt = 0 } = this.#uses.get(image.id) ?? {};
      uses.set(image.id, { seenAt, usedAt: isUsed(image) ? now : usedAt });
    }
    this.#uses = uses;
    this.#listedAt = listedAt;
    return images
      .filter((image) => !image.pinned && !isUsed(image) && now - uses.get(image.id)!.seenAt >= policy.leastAgeMs)
      .sort((a, b) => {
        const [one, other] = [uses.get(a.id)!, uses.get(b.id)!];
        return one.usedAt - other.usedAt || one.seenAt - other.seenAt;
      });
  }

  /**
   * Answers how many bytes it has freed, and has the records of what is gone forgotten. Rejects at the end where some could
   * not be removed.
   */
  async #free(images: readonly Image[], wanted: number): Promise<number> {
    let freed = 0;
    const left = new Set(this.#uses.keys());
    const listedAt = this.#listedAt;
    const failures: string[] = [];
    for (const { id, sizeBytes } of images) {
      if (freed >= wanted) break;
      try {
        await this.#options.runtime.removeImage(id);
        freed += sizeBytes;
        left.delete(id);
      } catch (error) {
        failures.push(errorText(error));
      }
    }
    if (failures.length === 0) {
      await this.#options.records.prune(left, listedAt);
      return freed;
    }
    const text = failures.length === 1 ? failures[0] : `[${failures.join(', ')}]`;
    const bytes = wanted === Infinity ? 'all' : wanted;
    throw new Error(
      `wanted to free ${bytes} bytes, but freed ${freed} bytes space with errors in image deletion: ${text}`,
    );
  }
}

const units = ['KiB', 'MiB', 'GiB', 'TiB'];

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const step = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** step).toFixed(1)} ${units[step - 1]}`;
}
