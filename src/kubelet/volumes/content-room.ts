import { VolumeError } from './payload.ts';
import type { VolumeFile } from './volume-disk.ts';

/** They lie in the node's memory, and on their way in that of its agent. */
const mostMebibytes = 64;
/** What a file takes beside its content, even an empty one: its names, and the rest of a page. */
const bytesOfFile = 4096;

/** How much the files of a pod's volumes are together: a pod may name one Secret thousands of times. */
export class ContentRoom {
  readonly #taken = new Map<string, number>();
  #total = 0;

  /** Forgets the files of a volume, for others to be made. */
  clear(volume: string): void {
    this.#total -= this.#taken.get(volume) ?? 0;
    this.#taken.delete(volume);
  }

  /** Throws {@link VolumeError} where there is no room for this file of a volume beside those that were taken. */
  take(volume: string, { data }: VolumeFile): void {
    const bytes = bytesOfFile + data.length;
    this.#taken.set(volume, (this.#taken.get(volume) ?? 0) + bytes);
    this.#total += bytes;
    if (this.#total > mostMebibytes * 2 ** 20)
      throw new VolumeError(`files of the pod's volumes are more than ${mostMebibytes}Mi together`);
  }
}
