import type { Catalog, CatalogContent } from './catalog.ts';
import type { StoredKind } from './served-version.ts';

/** Called after a change with the catalog that counts from now on, and with the one before. */
export type CatalogListener = (now: Catalog, before: Catalog) => void;

/** What is served now, and how it changes. Everything that follows a change does so before it returns. */
export class Catalogs {
  #current: Catalog;
  readonly #listeners = new Set<CatalogListener>();

  constructor(first: Catalog) {
    this.#current = first;
  }

  /** A request takes it once. */
  get current(): Catalog {
    return this.#current;
  }

  /** Serves more. Throws when something is served under one of the names already. */
  add(content: Partial<CatalogContent>): void {
    this.#change(this.#current.with(content));
  }

  /**
   * Serves these no more: their watches end, and requests that still work on them find nothing. Their objects stay
   * stored.
   */
  remove(kinds: readonly StoredKind[]): void {
    this.#change(this.#current.without(kinds));
  }

  /** Serves some no more and others instead, in one step: who comes between finds one of the two. */
  replace(old: readonly StoredKind[], kinds: readonly StoredKind[]): void {
    this.#change(this.#current.replacing(old, kinds));
  }

  /** The answer stops it. */
  onChange(listener: CatalogListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #change(next: Catalog): void {
    const before = this.#current;
    this.#current = next;
    for (const listener of this.#listeners) listener(next, before);
  }
}
