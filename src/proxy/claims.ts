import type { Collection, Element } from './elements.ts';

/** What turns one state of the table into another. */
export interface Difference {
  /** Elements as they are in the kernel. */
  readonly remove: readonly Element[];
  readonly add: readonly Element[];
}

interface Claim {
  readonly owner: string;
  readonly value: string;
}

/**
 * The wanted elements, each claimed by one owner or several. Where two claim one key with different values, as two Services
 * with the same external address do, the one whose name comes first has it, until it lets go.
 */
export class Claims {
  readonly #claims = new Map<Collection, Map<string, readonly Claim[]>>();
  readonly #byOwner = new Map<string, readonly Element[]>();
  /** Keys that changed since the kernel took them, with the values that it has (`undefined`: none). */
  #touched = new Map<Collection, Map<string, string | undefined>>();

  /** Lets go of what the owner had and does not have now. */
  replace(owner: string, elements: readonly Element[]): void {
    const had = this.#byOwner.get(owner) ?? [];
    if (had.length > 0) {
      const now = new Set(elements.map(nameOf));
      for (const old of had) if (!now.has(nameOf(old))) this.#claim(owner, old.collection, old.key, undefined);
    }
    for (const { collection, key, value } of elements) this.#claim(owner, collection, key, value);
    if (elements.length === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, elements);
  }

  /** What the kernel lacks since {@link taken}. */
  difference(): Difference {
    const remove: Element[] = [];
    const add: Element[] = [];
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

  all(): Element[] {
    return [...this.#claims].flatMap(([collection, keys]) =>
      [...keys].map(([key, claims]) => ({ collection, key, value: claims[0]!.value })),
    );
  }

  #valueOf(collection: Collection, key: string): string | undefined {
    return this.#claims.get(collection)?.get(key)?.[0]?.value;
  }

  #claim(owner: string, collection: Collection, key: string, value: string | undefined): void {
    const keys = entry(this.#claims, collection, () => new Map<string, readonly Claim[]>());
    const before = keys.get(key);
    if (before?.length === 1 && before[0]!.owner === owner && before[0]!.value === value) return;
    const touched = entry(this.#touched, collection, () => new Map<string, string | undefined>());
    if (!touched.has(key)) touched.set(key, before?.[0]?.value);
    const others = before?.filter((claim) => claim.owner !== owner) ?? [];
    const claims = value === undefined ? others : [...others, { owner, value }];
    if (claims.length > 1) claims.sort(byOwner);
    if (claims.length === 0) keys.delete(key);
    else keys.set(key, claims);
  }
}

function nameOf({ collection, key }: Element): string {
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
