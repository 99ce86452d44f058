import { KeyedSerial } from '../../base/serial.ts';
import type { NodeVolume, PublishedVolume, VolumeDriver } from './volume-driver.ts';

/** At which step of its way to a pod a volume failed. */
export class StageError extends Error {
  override readonly name = 'StageError';
  readonly stage: 'stage' | 'publish';

  constructor(stage: StageError['stage'], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.stage = stage;
  }
}

/**
 * The volumes that pods of a node use. What pods share is made before the first of them and undone behind the last, one
 * step at a time for each volume. What an earlier agent has begun is found again, from what drivers left on disk, before
 * anything else is done.
 */
export class VolumeTable {
  readonly #drivers: readonly VolumeDriver[];
  readonly #onChange: () => void;
  /** By pod, then by the volume's name. */
  readonly #uses = new Map<string, Map<string, NodeVolume>>();
  readonly #staged = new Set<string>();
  readonly #lines = new KeyedSerial();
  #reconstructed: Promise<void> | undefined;

  /** `onChange`: other volumes are in use than before. */
  constructor(drivers: readonly VolumeDriver[], onChange: () => void) {
    this.#drivers = drivers;
    this.#onChange = onChange;
  }

  /** Volumes that others bring to the node, by their ids, sorted. */
  inUse(): readonly string[] {
    const shared = [...this.#uses.values()]
      .flatMap((volumes) => [...volumes.values()])
      .flatMap((one) => one.shared ?? []);
    return [...new Set(shared.filter(({ attachable }) => attachable).map(({ id }) => id))].sort();
  }

  async podUids(): Promise<readonly string[]> {
    await this.reconstruct();
    return [...this.#uses.keys()];
  }

  /** Rejects with {@link StageError}, or as waiting for the volume does. */
  async publish(podUid: string, name: string, volume: NodeVolume): Promise<PublishedVolume> {
    await this.reconstruct();
    const volumes = this.#uses.get(podUid) ?? new Map<string, NodeVolume>();
    this.#uses.set(podUid, volumes.set(name, volume));
    const { shared } = volume;
    if (shared === undefined) return await publish(volume);
    // What was found of it on disk is this very use.
    for (const [other, found] of volumes) if (other !== name && found.shared?.id === shared.id) volumes.delete(other);
    this.#onChange();
    return await this.#lines.run(shared.id, async () => {
      await shared.attached();
      if (!this.#staged.has(shared.id))
        await shared.stage().catch((error) => Promise.reject(new StageError('stage', error)));
      this.#staged.add(shared.id);
      return await publish(volume);
    });
  }

  /** Undoes all that was done for a pod. What could not be undone stays in the table. */
  async unpublish(podUid: string): Promise<void> {
    await this.reconstruct();
    const volumes = this.#uses.get(podUid) ?? new Map<string, NodeVolume>();
    const undone = [...volumes].map(async ([name, volume]) => {
      const { shared } = volume;
      if (shared === undefined) await volume.unpublish?.();
      else
        await this.#lines.run(shared.id, async () => {
          await volume.unpublish?.();
          volumes.delete(name);
          if (!this.#isShared(shared.id))
            await this.#unstage(shared.id, volume).catch((error) => {
              volumes.set(name, volume);
              throw error;
            });
        });
      volumes.delete(name);
    });
    const failed = (await Promise.allSettled(undone)).find(({ status }) => status === 'rejected');
    if (volumes.size === 0) this.#uses.delete(podUid);
    this.#onChange();
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** Once: what is asked for later takes the place of what was found. Tried again where a disk cannot be read. */
  reconstruct(): Promise<void> {
    this.#reconstructed ??= this.#reconstruct().catch((error) => {
      this.#reconstructed = undefined;
      throw error;
    });
    return this.#reconstructed;
  }

  async #reconstruct(): Promise<void> {
    const found = await Promise.all(this.#drivers.map(async (driver) => (await driver.reconstruct?.()) ?? []));
    for (const { podUid, name, volume } of found.flat()) {
      const volumes = this.#uses.get(podUid) ?? new Map<string, NodeVolume>();
      this.#uses.set(podUid, volumes.set(name, volume));
    }
  }

  #isShared(id: string): boolean {
    for (const volumes of this.#uses.values())
      for (const { shared } of volumes.values()) if (shared?.id === id) return true;
    return false;
  }

  async #unstage(id: string, { shared }: NodeVolume): Promise<void> {
    await shared!.unstage();
    this.#staged.delete(id);
  }
}

async function publish(volume: NodeVolume): Promise<PublishedVolume> {
  try {
    return await volume.publish();
  } catch (error) {
    throw new StageError('publish', error);
  }
}
