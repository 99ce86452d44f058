import type { Difference, Element } from './table.ts';

interface Claim {
  readonly owner: string;
  readonly value: string;
}

/**
 * The wanted elements, each claimed by one owner or several: an address of a pod, say, by all of its Services. It goes when
 * the last of them lets go. Where two claim one key with different values, the one whose name comes first has it; that does
 * not happen to frontends, see `frontend-claims.ts`.
 */
export class Claims<Collection extends string> {
  /** The claims that count. */
  readonly #holders = new Map<Collection, Map<string, Claim>>();
  /** Those behind them, by {@link nameOf}. Apart, for hardly any key has one, and there are very many keys. */
  readonly #waiting = new Map<string, readonly Claim[]>();
  readonly #byOwner = new Map<string, readonly Element<Collection>[]>();
  /**
   * Keys that changed since the kernel took them, with the values that it has (`undefined`: none). Unset until it took
   * some for the first time: it lacks all of them then, which needs no notes.
   */
  #touched: Map<Collection, Map<string, string | undefined>> | undefined;

  /** Lets go of what the owner had and does not have now. */
  replace(owner: string, elements: readonly Element<Collection>[]): void {
    const had = this.#byOwner.get(owner) ?? [];
    if (had.length > 0) {
      const now = new Set(elements.map(nameOf));
      for (const old of had) if (!now.has(nameOf(old))) this.#claim(owner, old, undefined);
    }
    for (const one of elements) this.#claim(owner, one, one.value);
    if (elements.length === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, elements);
  }

  /** What the kernel lacks since {@link taken}. */
  difference(): Difference<Collection> {
    if (this.#touched === undefined) return { remove: [], add: this.all() };
    const remove: Element<Collection>[] = [];
    const add: Element<Collection>[] = [];
    for (const [collection, keys] of this.#touched) {
      for (const [key, old] of keys) {
        const value = this.#valueOf(collection, key);
        if (old === value) continue;
        if (old !== undefined) remove.push({ collection, key, value: old });
        if (value !== undefined) add.push({ collection, key, value });
      }
    }
    return { remove, add };
  }

  /** The kernel has everything that is wanted now. */
  taken(): void {
    this.#touched = new Map();
  }

  all(): Element<Collection>[] {
    const elements: Element<Collection>[] = [];
    for (const [collection, keys] of this.#holders)
      for (const [key, { value }] of keys) elements.push({ collection, key, value });
    return elements;
  }

  #valueOf(collection: Collection, key: string): string | undefined {
    return this.#holders.get(collection)?.get(key)?.value;
  }

  #claim(owner: string, element: Omit<Element<Collection>, 'value'>, value: string | undefined): void {
    const { collection, key } = element;
    const keys = entry(this.#holders, collection, () => new Map<string, Claim>());
    const holder = keys.get(key);
    const waiting = this.#waiting.size === 0 ? undefined : this.#waiting.get(nameOf(element));
    if (waiting === undefined && holder?.owner === owner && holder.value === value) return;
    if (this.#touched !== undefined) {
      const touched = entry(this.#touched, collection, () => new Map<string, string | undefined>());
      if (!touched.has(key)) touched.set(key, holder?.value);
    }
    const others = holder === undefined ? [] : [holder, ...(waiting ?? [])].filter((claim) => claim.owner !== owner);
    const claims = value === undefined ? others : [...others, { owner, value }];
    const [first, ...rest] = claims.length > 1 ? claims.sort(byOwner) : claims;
    if (first === undefined) keys.delete(key);
    else keys.set(key, first);
    if (rest.length > 0) this.#waiting.set(nameOf(element), rest);
    else if (waiting !== undefined) this.#waiting.delete(nameOf(element));
  }
}

function nameOf({ collection, key }: Omit<Element, 'value'>): string {
  return `${collection} ${key}`;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function byOwner(a: Claim, b: Claim): number {
  return a.owner < b.owner ? -1 : 1;
}
