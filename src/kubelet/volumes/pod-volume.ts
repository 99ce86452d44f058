import type { Pod, Volume } from '../../api/core/v1/types.ts';
import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Serial } from '../../base/serial.ts';
import { errorText } from '../../base/error-text.ts';
import type { Image } from '../runtime/runtime.ts';
import { claimedVolume, type ClaimedVolume, type ReadObject } from './claimed-volume.ts';
import type { ContentRoom } from './content-room.ts';
import { WaitsForAttach, type NodeVolume, type PublishedVolume, type VolumeDriver } from './volume-driver.ts';
import type { VolumeFailure } from './volume-store.ts';
import { StageError, type VolumeTable } from './volume-table.ts';

export interface PodVolumeOptions {
  readonly drivers: readonly VolumeDriver[];
  readonly table: VolumeTable;
  readonly read: ReadObject;
  readonly clock: Clock;
  readonly onChange: (podUid: string) => void;
}

/** For how long nothing is said of a volume that is on its way to the node. */
const patienceMs = 123_000;

/** One volume of one pod: on its way from the API to the node, with its own waits behind failures. */
export class PodVolume {
  readonly #options: PodVolumeOptions;
  readonly #volume: Volume;
  readonly #room: ContentRoom;
  readonly #line = new Serial();
  readonly #backoff = new Backoff({ initialMs: 500, maximumMs: 122_000 });
  #pod: Readonly<Pod>;
  #claimed: ClaimedVolume | undefined;
  #opened: NodeVolume | undefined;
  #published: PublishedVolume | undefined;
  #retryAt = 0;
  #waitsSince: number | undefined;
  #closed = false;

  constructor(options: PodVolumeOptions, pod: Readonly<Pod>, volume: Volume, room: ContentRoom) {
    this.#options = options;
    this.#pod = pod;
    this.#volume = volume;
    this.#room = room;
  }

  /** `undefined` until the volume is set up. */
  get published(): PublishedVolume | undefined {
    return this.#published;
  }

  /** When to try again, in milliseconds since the epoch; 0: at once. */
  get retryAt(): number {
    return this.#retryAt;
  }

  /** Answers what came of it, where something is to be told. An image is not shown before its container starts. */
  async setUp(pod: Readonly<Pod>): Promise<VolumeFailure | undefined> {
    this.#pod = pod;
    if (this.#volume.image !== undefined) return undefined;
    return await this.#line.run(() => this.#setUp());
  }

  async showImage(pull: () => Promise<Image>): Promise<void> {
    await this.#line.run(async () => {
      if (this.#closed) return;
      this.#opened ??= await this.#open();
      this.#published ??= await this.#opened.show!(pull);
    });
  }

  podChanged(pod: Readonly<Pod>): void {
    this.#pod = pod;
    this.#opened?.podChanged?.();
  }

  /** Something that it waits for may have come. */
  retry(): void {
    this.#retryAt = 0;
    this.#options.onChange(this.#podUid());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#line.run(() => this.#opened?.close?.());
  }

  async #setUp(): Promise<VolumeFailure | undefined> {
    const { clock, table } = this.#options;
    const { name } = this.#volume;
    if (this.#published !== undefined || this.#closed || this.#retryAt > clock.now()) return undefined;
    try {
      this.#opened ??= await this.#open();
      this.#published = await table.publish(this.#podUid(), name, this.#opened);
      this.#waitsSince = undefined;
      this.#backoff.reset();
      return undefined;
    } catch (error) {
      this.#retryAt = clock.now() + this.#backoff.next();
      return error instanceof WaitsForAttach ? await this.#waits(error) : this.#failure(error);
    }
  }

  /** The volume is opened anew then: its driver may say by then that it need not be attached. */
  async #waits(error: WaitsForAttach): Promise<VolumeFailure | undefined> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.close?.();
    const now = this.#options.clock.now();
    this.#waitsSince ??= now;
    if (now - this.#waitsSince < patienceMs) return undefined;
    this.#waitsSince = now;
    return { volume: this.#volume.name, reason: 'FailedMount', message: this.#whole('unattached', error.message) };
  }

  #failure(error: unknown): VolumeFailure {
    const { name: volume } = this.#volume;
    const text = errorText(error);
    const isClaim = this.#volume.persistentVolumeClaim !== undefined || this.#volume.ephemeral !== undefined;
    if (isClaim && this.#claimed === undefined)
      return { volume, reason: 'FailedMount', message: this.#whole('failed to process', text) };
    const isBlock = this.#claimed?.volume.spec.volumeMode === 'Block';
    const isStage = error instanceof StageError && error.stage === 'stage';
    const step = isBlock
      ? isStage
        ? 'MapVolume.SetUpDevice'
        : 'MapVolume.MapPodDevice'
      : isStage
        ? 'MountVolume.MountDevice'
        : 'MountVolume.SetUp';
    const shown = JSON.stringify(this.#claimed?.volume.metadata.name ?? volume);
    return {
      volume,
      reason: isBlock ? 'FailedMapVolume' : 'FailedMount',
      message: `${step} failed for volume ${shown} : ${text}`,
    };
  }

  /** As is told of a pod that waits for its volumes. */
  #whole(what: 'unattached' | 'failed to process', text: string): string {
    const list = (which: typeof what) => `${which} volumes=[${which === what ? this.#volume.name : ''}]`;
    return `Unable to attach or mount volumes: unmounted volumes=[${this.#volume.name}], ${list('unattached')}, ${list('failed to process')}: ${text}`;
  }

  async #open(): Promise<NodeVolume> {
    const { drivers, read } = this.#options;
    this.#claimed = await claimedVolume(this.#pod, this.#volume, read);
    const source = this.#claimed?.volume.spec ?? this.#volume;
    const driver = drivers.find((one) => one.supports(source));
    if (driver === undefined)
      throw new Error(`volumes of type ${kindOf(source)} are not supported: volume "${this.#volume.name}"`);
    return await driver.open({
      pod: () => this.#pod,
      volume: this.#volume,
      ...(this.#claimed && { persistent: this.#claimed }),
      readOnly: this.#volume.persistentVolumeClaim?.readOnly ?? false,
      room: this.#room,
      retry: () => this.retry(),
    });
  }

  #podUid(): string {
    return this.#pod.metadata.uid ?? '';
  }
}

/** What of a volume is an object and no source. */
const notSources = ['nodeAffinity', 'claimRef', 'capacity', 'accessModes', 'mountOptions'];

/** The name of the source. */
function kindOf(volume: object): string {
  const isSource = ([key, value]: [string, unknown]) => typeof value === 'object' && !notSources.includes(key);
  return Object.entries(volume).find(isSource)?.[0] ?? 'unknown';
}
