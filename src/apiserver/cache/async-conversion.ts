import type { KubeObject } from '../../apimachinery/object.ts';
import { mostWeight, weightOf } from '../../apimachinery/decode/body-weight.ts';
import { encodeStored } from '../../apimachinery/canonical-json.ts';
import type { CachedObject } from './cached-object.ts';

/** Makes objects of one version out of stored ones, all or none: as many, in their order. Must not change its argument. */
export type Convert = (stored: readonly KubeObject[]) => Promise<readonly KubeObject[]>;

/** Objects that are being converted. */
interface Question {
  readonly sources: readonly CachedObject[];
  readonly answer: Promise<void>;
}

/**
 * The objects of a kind in a version that somebody else makes of their stored form and answers later, such as a webhook.
 * A revision is asked for once, when it is first needed in this version, and kept as bytes for as long as its stored
 * bytes are. What looks at objects in such a version awaits {@link ready} first; from then on it is as with any other.
 */
export class AsyncConversion {
  readonly #convert: Convert;
  readonly #concerns: (object: CachedObject) => boolean;
  /** By stored bytes: an object keeps them when it is deleted. */
  readonly #converted = new WeakMap<Uint8Array, Uint8Array | Question>();

  /** `concerns`: which objects need it; the others are read as they are stored (default: all do). */
  constructor(convert: Convert, concerns: (object: CachedObject) => boolean = () => true) {
    this.#convert = convert;
    this.#concerns = concerns;
  }

  /** Whether an object is read in this version through the conversion. */
  concerns(object: CachedObject): boolean {
    return this.#concerns(object);
  }

  /**
   * Resolves when all of `objects` can be read in this version; `undefined`: they can. Rejects with what the conversion of
   * these failed with; it is tried again when they are needed again.
   */
  ready(objects: readonly CachedObject[]): Promise<void> | undefined {
    const wanted = objects.filter((object) => !this.#has(object.stored) && this.#concerns(object));
    return wanted.length === 0 ? undefined : this.#bring(wanted);
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
    await this.#join(objects, () => true);
    const wanted = objects.filter(({ stored }) => !this.#has(stored));
    if (wanted.length === 0) return;
    // It failed for a reason that may be none of ours. Who has waited for others once does not do so again.
    const ours = new Set(wanted.map(({ stored }) => stored));
    await this.#join(wanted, ({ sources }) => sources.every(({ stored }) => ours.has(stored)));
  }

  /**
   * Asks for what nobody has asked for yet, or nobody whose question `mayJoin`, and waits for the others. Rejects where this
   * question fails, or another one that is about nothing but `objects`.
   */
  async #join(objects: readonly CachedObject[], mayJoin: (question: Question) => boolean): Promise<void> {
    const joined = new Set<Question>();
    const left: CachedObject[] = [];
    for (const object of objects) {
      const known = this.#converted.get(object.stored);
      if (known instanceof Uint8Array) continue;
      if (known !== undefined && mayJoin(known)) joined.add(known);
      else left.push(object);
    }
    await this.#ask(left);
    const wanted = new Set(objects.map(({ stored }) => stored));
    for (const { sources, answer } of joined)
      if (sources.every(({ stored }) => wanted.has(stored))) await answer;
      else await answer.catch(() => {});
  }

  async #ask(objects: readonly CachedObject[]): Promise<void> {
    if (objects.length === 0) return;
    const sources = [...new Map(objects.map((object) => [object.stored, object])).values()];
    const question: Question = { sources, answer: this.#answersOf(sources) };
    for (const { stored } of sources) if (!this.#has(stored)) this.#converted.set(stored, question);
    try {
      await question.answer;
    } catch (error) {
      for (const { stored } of sources) if (this.#converted.get(stored) === question) this.#converted.delete(stored);
      throw error;
    }
  }

  async #answersOf(sources: readonly CachedObject[]): Promise<void> {
    for (const part of partsOf(sources)) await this.#answersAtOnce(part);
  }

  async #answersAtOnce(sources: readonly CachedObject[]): Promise<void> {
    const before = sources.map((source) => source.storedObject());
    const after = await this.#convert(before);
    if (after.length !== before.length)
      throw new Error(`Cannot convert ${before.length} objects: ${after.length} came back`);
    for (const [at, { stored }] of sources.entries())
      this.#converted.set(stored, encodeStored(withMetadataOf(before[at]!, after[at]!)));
  }
}

/** Bytes of stored objects that go into one call, unless one alone has more; of values it is as much as one may have. */
const mostBytes = 2 * 1024 * 1024;

function partsOf(sources: readonly CachedObject[]): CachedObject[][] {
  const parts: CachedObject[][] = [[]];
  let [bytes, weight] = [0, 0];
  for (const source of sources) {
    const own = weightOf(source.stored, mostWeight);
    bytes += source.stored.length;
    weight += own;
    if ((bytes > mostBytes || weight > mostWeight) && parts.at(-1)!.length > 0) {
      parts.push([]);
      [bytes, weight] = [source.stored.length, own];
    }
    parts.at(-1)!.push(source);
  }
  return parts;
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
