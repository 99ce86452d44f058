import type { KubeObject } from '../../apimachinery/object.ts';
import { encodeStored } from '../../apimachinery/canonical-json.ts';
import type { CachedObject } from './cached-object.ts';

/** Makes objects of one version out of stored ones, all or none: as many, in their order. Must not change its argument. */
export type Convert = (stored: readonly KubeObject[]) => Promise<readonly KubeObject[]>;

/**
 * The objects of a kind in a version that somebody else makes of their stored form and answers later, such as a webhook.
 * A revision is asked for once, when it is first needed in this version, and kept as bytes for as long as its stored
 * bytes are. What looks at objects in such a version awaits {@link ready} first; from then on it is as with any other.
 */
export class AsyncConversion {
  readonly #convert: Convert;
  /** By stored bytes: an object keeps them when it is deleted. */
  readonly #converted = new WeakMap<Uint8Array, Uint8Array | Promise<void>>();

  constructor(convert: Convert) {
    this.#convert = convert;
  }

  /**
   * Resolves when all of `objects` can be read in this version; `undefined`: they can. Rejects with what the conversion of
   * these failed with; it is tried again when they are needed again.
   */
  ready(objects: readonly CachedObject[]): Promise<void> | undefined {
    return objects.every(({ stored }) => this.#has(stored)) ? undefined : this.#bring(objects);
  }

  /** The object as it would be stored in this version. Throws where {@link ready} was not awaited. */
  bytesOf({ key, stored }: CachedObject): Uint8Array {
    const converted = this.#converted.get(stored);
    if (converted instanceof Uint8Array) return converted;
    throw new Error(`Cannot read "${key}": it has not been converted yet`);
  }

  #has(stored: Uint8Array): boolean {
    return this.#converted.get(stored) instanceof Uint8Array;
  }

  async #bring(objects: readonly CachedObject[]): Promise<void> {
    let wanted = objects;
    while (wanted.length > 0) {
      // What others have asked for already may fail for a reason that is none of ours; then it is our turn to ask.
      const others = wanted.map(({ stored }) => this.#converted.get(stored)).filter((one) => one instanceof Promise);
      await this.#ask(wanted.filter(({ stored }) => !this.#converted.has(stored)));
      await Promise.allSettled(others);
      wanted = wanted.filter(({ stored }) => !this.#has(stored));
    }
  }

  async #ask(objects: readonly CachedObject[]): Promise<void> {
    if (objects.length === 0) return;
    const sources = [...new Map(objects.map((object) => [object.stored, object])).values()];
    const answer = this.#answersOf(sources);
    for (const { stored } of sources) this.#converted.set(stored, answer);
    try {
      await answer;
    } catch (error) {
      for (const { stored } of sources) this.#converted.delete(stored);
      throw error;
    }
  }

  async #answersOf(sources: readonly CachedObject[]): Promise<void> {
    const before = sources.map((source) => source.storedObject());
    const after = await this.#convert(before);
    if (after.length !== before.length)
      throw new Error(`Cannot convert ${before.length} objects: ${after.length} came back`);
    for (const [at, { stored }] of sources.entries())
      this.#converted.set(stored, encodeStored(withMetadataOf(before[at]!, after[at]!)));
  }
}

/** A conversion has no say in the metadata but for labels and annotations. */
export function withMetadataOf({ metadata }: KubeObject, converted: KubeObject): KubeObject {
  const { labels: _labels, annotations: _annotations, ...kept } = metadata;
  const { labels, annotations } = converted.metadata;
  return {
    ...converted,
    metadata: {
      ...kept,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}
