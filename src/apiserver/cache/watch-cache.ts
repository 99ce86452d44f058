import type { Revision, Store } from '../../store/store.ts';
import { CachedObject } from './cached-object.ts';
import { lastLetter, ResourceCache } from './resource-cache.ts';

/** All stored kinds start with this. */
export const root = '/registry/';

interface Waiter {
  readonly revision: Revision;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The committed state of the whole store in memory, kept by one watch of it and split by kind. A write is answered after
 * the cache has seen it, so whoever got an answer finds his object.
 */
export class WatchCache implements AsyncDisposable {
  readonly #store: Store;
  readonly #kinds = new Map<string, ResourceCache>();
  readonly #stop = new AbortController();
  readonly #waiters = new Set<Waiter>();
  readonly #progress = new Set<(revision: Revision) => void>();
  #revision: Revision = 0;
  #running: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(store: Store) {
    this.#store = store;
  }

  /** Reads the store and follows it. `prefixes` are the stored kinds, each ending in `/`. */
  static async open(store: Store, prefixes: readonly string[]): Promise<WatchCache> {
    const cache = new WatchCache(store);
    await cache.#load(prefixes);
    cache.#running = cache.#follow();
    return cache;
  }

  kind(prefix: string): ResourceCache {
    const kind = this.#kinds.get(prefix);
    if (kind === undefined) throw new Error(`Cannot find the cache of "${prefix}": the kind is not registered`);
    return kind;
  }

  kinds(): Iterable<ResourceCache> {
    return this.#kinds.values();
  }

  /** The newest revision that the cache shows. */
  get revision(): Revision {
    return this.#revision;
  }

  /** Why the cache cannot follow the store any more; `undefined` when it does. */
  get problem(): string | undefined {
    if (this.#failure === undefined) return undefined;
    return this.#failure instanceof Error ? this.#failure.message : String(this.#failure);
  }

  /** Resolves when the cache shows `revision`. */
  reached(revision: Revision): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#revision >= revision) return undefined;
    return new Promise((resolve, reject) => this.#waiters.add({ revision, resolve, reject }));
  }

  /** Calls `listener` after each advance of the revision, when all changes up to it have been shown. */
  onProgress(listener: (revision: Revision) => void): () => void {
    this.#progress.add(listener);
    return () => this.#progress.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #load(prefixes: readonly string[]): Promise<void> {
    const { entries, revision } = await this.#store.list({ start: root, end: `${root}${lastLetter}` });
    this.#revision = revision;
    for (const prefix of prefixes) this.#kinds.set(prefix, new ResourceCache(prefix, revision));
    for (const { key, value, created, modified } of entries) {
      const prefix = prefixOf(key);
      this.#kinds.get(prefix)?.load(new CachedObject(key, prefix.length, value, created, modified));
    }
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of this.#store.watch(root, { after: this.#revision, signal: this.#stop.signal })) {
        if (event.type === 'changes')
          for (const change of event.changes) this.#kinds.get(prefixOf(change.entry.key))?.apply(change);
        this.#advance(event.revision);
      }
    } catch (error) {
      // Without its stream the cache cannot tell the truth any more: let every write fail rather than hang.
      this.#failure = error;
      for (const waiter of this.#waiters) waiter.reject(error);
      this.#waiters.clear();
    }
  }

  #advance(revision: Revision): void {
    this.#revision = revision;
    for (const waiter of this.#waiters) {
      if (waiter.revision > revision) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
    for (const listener of this.#progress) listener(revision);
  }
}

/** `/registry/pods/` of `/registry/pods/default/web`. */
function prefixOf(key: string): string {
  return key.slice(0, key.indexOf('/', root.length) + 1);
}
