import { BoundedMap } from '../base/bounded-map.ts';

/** Parts that are remembered, and the longest of them as JSON: with their texts they take a few MiB at most. */
const mostKnown = 2000;
const longestText = 2048;

/**
 * Answers for a part of an object an equal one that was seen before, so that both take memory once: pods of one
 * workload have the same spec but for a few members. Equal is what is the same text as JSON. What it is given and what it
 * answers is frozen and never changed.
 */
export class EqualParts {
  readonly #known = new BoundedMap<string, object>(mostKnown);

  /** `depth`: how far down equal members are looked for where the whole is new (0: not at all). */
  share<T>(value: T, depth = 0): T {
    if (!isPlain(value)) return value;
    const text = JSON.stringify(value);
    const isShort = text.length <= longestText;
    const known = isShort ? this.#known.get(text) : undefined;
    if (known !== undefined) return known as T;
    const shared = depth > 0 ? this.#withSharedMembers(value, depth - 1) : value;
    if (isShort) this.#known.set(text, shared);
    return shared;
  }

  /** The value itself where it has no member that was seen before. */
  #withSharedMembers<T extends object>(value: T, depth: number): T {
    let copy: Record<string, unknown> | undefined;
    for (const name in value) {
      const member: unknown = value[name];
      const shared = this.share(member, depth);
      // By assignment a member of this name would become the prototype.
      if (shared === member || name === '__proto__') continue;
      copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
      copy[name] = shared;
    }
    return copy === undefined ? value : (Object.freeze(copy) as T);
  }
}

/** A list or an object as JSON has them, and not a number that is kept as its text. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
