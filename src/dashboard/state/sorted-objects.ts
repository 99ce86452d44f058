import { keyText, type KubeObject } from '../../apimachinery/object.ts';

/**
 * Objects in an order, as arrays that never change. Changes are gathered, and merged into the next array at once: that
 * costs one walk over all for any number of them, and sorts none but the new ones.
 */
export class SortedObjects<T extends KubeObject> {
  readonly #order: (a: Readonly<T>, b: Readonly<T>) => number;
  readonly #held = new Map<string, Readonly<T>>();
  #sorted: readonly Readonly<T>[] = [];
  readonly #added = new Set<Readonly<T>>();
  readonly #removed = new Set<Readonly<T>>();

  /** The order of two objects must stay as it is; no two may be equal. */
  constructor(order: (a: Readonly<T>, b: Readonly<T>) => number = byKey) {
    this.#order = order;
  }

  /** Adds an object, or puts it in the place of the one of the same key. */
  put(object: Readonly<T>): void {
    this.remove(object);
    this.#held.set(keyText(object.metadata), object);
    this.#added.add(object);
  }

  /** Takes the object of the same key away. */
  remove({ metadata }: Readonly<T>): void {
    const key = keyText(metadata);
    const old = this.#held.get(key);
    if (old === undefined) return;
    this.#held.delete(key);
    if (!this.#added.delete(old)) this.#removed.add(old);
  }

  /** All of them now; the same array as long as nothing has changed. */
  list(): readonly Readonly<T>[] {
    if (this.#added.size === 0 && this.#removed.size === 0) return this.#sorted;
    const kept = this.#removed.size === 0 ? this.#sorted : this.#sorted.filter((one) => !this.#removed.has(one));
    this.#sorted = merge(kept, [...this.#added].sort(this.#order), this.#order);
    this.#added.clear();
    this.#removed.clear();
    return this.#sorted;
  }
}

/** By namespace, then by name. */
export function byKey({ metadata: a }: Readonly<KubeObject>, { metadata: b }: Readonly<KubeObject>): number {
  return compare(a.namespace ?? '', b.namespace ?? '') || compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function merge<T>(many: readonly T[], few: readonly T[], order: (a: T, b: T) => number): readonly T[] {
  if (few.length === 0) return many;
  const merged: T[] = [];
  let from = 0;
  for (const one of few) {
    const place = placeOf(one, many, from, order);
    while (from < place) merged.push(many[from++]!);
    merged.push(one);
  }
  while (from < many.length) merged.push(many[from++]!);
  return merged;
}

/** The place before the first that comes after `one`. */
function placeOf<T>(one: T, sorted: readonly T[], from: number, order: (a: T, b: T) => number): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(sorted[middle]!, one) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
