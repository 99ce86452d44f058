import { refused } from '../../apimachinery/status.ts';
import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Heap } from '../../base/heap.ts';
import type { Logger } from '../../base/logger.ts';
import {
  CompactedError,
  FutureRevisionError,
  StoreClosedError,
  type Change,
  type Entry,
  type Revision,
  type Store,
} from '../../store/store.ts';
import { prefixRange } from '../../store/range.ts';
import { Deliveries } from './deliveries.ts';
import { OpeningKind } from './opening-kind.ts';
import { ResourceCache } from './resource-cache.ts';
import { trimWindows, usualWindow, type WindowBounds } from './window-bounds.ts';

/** All stored kinds start with this. */
export const root = '/registry/';

/** How often what is too old goes. */
const trimEveryMs = 30_000;
/** By so much of the room of one kind all windows together may grow before they are looked through. */
const looseShare = 1 / 64;

export interface WatchCacheParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** How much of what has happened watches can go back to; default: {@link usualWindow}. */
  readonly window?: WindowBounds;
}

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
  readonly #parts: WatchCacheParts;
  readonly #kinds = new Map<string, ResourceCache>();
  /** Kinds that are served, and whose cache nobody has needed yet. */
  readonly #opening = new Map<string, OpeningKind>();
  readonly #deliveries: Deliveries;
  readonly #stop = new AbortController();
  /** Who waits for the lowest revision comes first. */
  readonly #waiters = new Heap<Waiter>((a, b) => a.revision < b.revision);
  /** By how much the windows have grown since they were looked through. */
  #grownBytes = 0;
  readonly #progress = new Set<(revision: Revision) => void>();
  #revision: Revision = 0;
  /** Of the last change that was applied: where the stream begins anew, some come twice. */
  #applied: Revision = 0;
  #running: Promise<void> = Promise.resolve();
  #trimming: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(store: Store, parts: WatchCacheParts) {
    this.#store = store;
    this.#parts = parts;
    this.#deliveries = new Deliveries(parts.clock);
  }

  /** Reads the store and follows it. `prefixes` are the stored kinds, each ending in `/`. */
  static async open(store: Store, prefixes: readonly string[], parts: WatchCacheParts): Promise<WatchCache> {
    const cache = new WatchCache(store, parts);
    const until = await cache.#load(prefixes);
    cache.#running = cache.#follow();
    cache.#trimming = cache.#trimRegularly();
    await cache.reached(until);
    return cache;
  }

  /** The objects of a kind whose cache is open. Throws NotFound for one that is not served any more. */
  kind(prefix: string): ResourceCache {
    const kind = this.#kinds.get(prefix);
    if (kind !== undefined) return kind;
    if (this.#opening.has(prefix)) throw new Error(`Cannot read "${prefix}": its cache is not open yet`);
    throw refused.pathNotFound();
  }

  /** The same, or nothing. */
  opened(prefix: string): ResourceCache | undefined {
    return this.#kinds.get(prefix);
  }

  /** From now on there may be a cache of the kind; it opens when it is first needed. */
  serve(prefix: string): void {
    if (!this.#kinds.has(prefix) && !this.#opening.has(prefix)) this.#opening.set(prefix, new OpeningKind());
  }

  /** Ends the watches of a kind and forgets its objects. */
  close(prefix: string): void {
    this.#opening.delete(prefix);
    const kind = this.#kinds.get(prefix);
    this.#kinds.delete(prefix);
    kind?.close();
  }

  /**
   * Resolves when the cache of a kind is open; `undefined` when it is. Rejects with NotFound for one that is not
   * served.
   */
  ready(prefix: string): Promise<void> | undefined {
    if (this.#kinds.has(prefix)) return undefined;
    const opening = this.#opening.get(prefix);
    if (opening === undefined) return Promise.reject(refused.pathNotFound());
    return (opening.running ??= this.#open(prefix, opening).catch((error: unknown) => {
      // Whoever needs it next tries again.
      opening.reset();
      throw error;
    }));
  }

  /** The newest revision that the cache shows. */
  get revision(): Revision {
    return this.#revision;
  }

  /** Why the cache cannot follow the store just now; `undefined` when it does. */
  get problem(): string | undefined {
    if (this.#failure === undefined) return undefined;
    return this.#failure instanceof Error ? this.#failure.message : String(this.#failure);
  }

  /** Resolves when the cache shows `revision`; rejects when an attempt to follow the store fails before. */
  reached(revision: Revision): Promise<void> | undefined {
    if (this.#revision >= revision) return undefined;
    if (this.#failure instanceof StoreClosedError) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#waiters.push({ revision, resolve, reject }));
  }

  /** Calls `listener` after each advance of the revision, when all changes up to it have been shown. */
  onProgress(listener: (revision: Revision) => void): () => void {
    this.#progress.add(listener);
    return () => this.#progress.delete(listener);
  }

  /** Reads once more what could not be decrypted: whoever keeps the key may not have been there. */
  async readAgain(): Promise<void> {
    for (const kind of this.#kinds.values()) {
      for (const key of kind.unreadableKeys) {
        const { entry } = await this.#store.read(key);
        if (entry !== undefined) kind.becomesReadable(entry);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#trimming;
  }

  /** Lets no watch begin before now. */
  forgetHistory(): void {
    for (const kind of this.#kinds.values()) kind.forgetHistory(this.#revision);
  }

  /**
   * Takes the oldest state that the store still has: what has happened since then follows, so that watches can begin
   * there. Answers the revision to be reached.
   */
  async #load(prefixes: readonly string[]): Promise<Revision> {
    for (const prefix of prefixes) this.#kinds.set(prefix, this.#newKind(prefix));
    const { revision } = await this.#store.read(root);
    try {
      await this.#relist(await this.#store.oldest());
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      await this.#relist();
    }
    return revision;
  }

  #newKind(prefix: string): ResourceCache {
    return new ResourceCache({
      prefix,
      clock: this.#parts.clock,
      deliveries: this.#deliveries,
      revision: () => this.#revision,
    });
  }

  /**
   * Follows the store's stream. One that breaks is taken up where it broke; where that is no more possible the cache reads
   * everything again.
   */
  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    const backoff = new Backoff({ initialMs: 50, maximumMs: 5000 });
    let isLost = false;
    while (!signal.aborted) {
      try {
        if (isLost) await this.#relist();
        isLost = false;
        for await (const event of this.#store.watch(root, { after: this.#revision, signal })) {
          if (event.type === 'changes') for (const change of event.changes) this.#apply(change);
          this.#failure = undefined;
          backoff.reset();
          this.#advance(event.revision);
        }
      } catch (error) {
        this.#fail(error);
        if (error instanceof StoreClosedError) return;
        isLost ||= error instanceof CompactedError || error instanceof FutureRevisionError;
        this.#parts.log.error('Watch of the store failed', { revision: this.#revision, error });
        await this.#parts.clock.sleep(backoff.next(), signal).catch(() => {});
      }
    }
  }

  #apply(change: Change): void {
    if (change.modified <= this.#applied) return;
    const prefix = prefixOf(change.key);
    const kind = this.#kinds.get(prefix);
    if (kind === undefined) this.#opening.get(prefix)?.later(change);
    else {
      const bytes = kind.windowBytes;
      kind.apply(change);
      this.#grownBytes += kind.windowBytes - bytes;
    }
    this.#deliveries.deliverNow();
    this.#applied = change.modified;
  }

  /**
   * Opens the cache of one kind while the stream goes on. It begins as the store's does, with the oldest state that is
   * there, and catches up by a watch of its own; what the stream brings meanwhile waits.
   */
  async #open(prefix: string, opening: OpeningKind): Promise<void> {
    opening.begin();
    const kind = this.#newKind(prefix);
    const revision = await this.#catchUp(kind, this.#revision);
    await this.#surelyReached(revision);
    if (this.#kinds.has(prefix)) return;
    if (this.#opening.get(prefix) !== opening) throw refused.pathNotFound();
    for (const change of opening.changes) if (change.modified > revision) kind.apply(change);
    this.#opening.delete(prefix);
    this.#kinds.set(prefix, kind);
  }

  /** Brings an empty cache to a state at `least`, with the changes that led there, and answers of when that is. */
  async #catchUp(kind: ResourceCache, least: Revision): Promise<Revision> {
    const { signal } = this.#stop;
    for (;;) {
      let revision = await this.#fill(kind);
      try {
        if (revision >= least) return revision;
        for await (const event of this.#store.watch(kind.prefix, { after: revision, signal })) {
          if (event.type === 'changes') for (const change of event.changes) kind.apply(change);
          revision = event.revision;
          if (revision >= least) return revision;
        }
        throw new StoreClosedError();
      } catch (error) {
        // History that goes while it is read: what is left is shorter.
        if (!(error instanceof CompactedError)) throw error;
      }
    }
  }

  /** As {@link reached}, through failures that pass. */
  async #surelyReached(revision: Revision): Promise<void> {
    for (;;) {
      try {
        return await this.reached(revision);
      } catch (error) {
        if (error instanceof StoreClosedError) throw error;
      }
    }
  }

  /** Gives an empty cache the oldest objects that the store still has, and answers of when they are. */
  async #fill(kind: ResourceCache): Promise<Revision> {
    const range = prefixRange(kind.prefix);
    const oldest = await this.#store.oldest();
    const { entries, revision } = await this.#store.range(range, { at: oldest }).catch((error: unknown) => {
      if (error instanceof CompactedError) return this.#store.range(range);
      throw error;
    });
    kind.replace(entries, revision, undefined);
    return revision;
  }

  async #trimRegularly(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await clock.sleep(trimEveryMs, signal).catch(() => {});
      this.#trim(true);
    }
  }

  async #relist(at?: Revision): Promise<void> {
    // What an opening kind has missed nobody knows: it opens here.
    for (const [prefix, { isRunning }] of this.#opening) {
      if (!isRunning) continue;
      this.#opening.delete(prefix);
      this.#kinds.set(prefix, this.#newKind(prefix));
    }
    const all = prefixRange(root);
    const { entries, revision } = await this.#store.range(all, at === undefined ? {} : { at });
    const byPrefix = new Map<string, Entry[]>();
    for (const prefix of this.#kinds.keys()) byPrefix.set(prefix, []);
    for (const entry of entries) byPrefix.get(prefixOf(entry.key))?.push(entry);
    const lost = refused.expired(`too old resource version: ${this.#revision} (${revision})`);
    for (const [prefix, kind] of this.#kinds) kind.replace(byPrefix.get(prefix)!, revision, lost);
    this.#applied = revision;
    this.#failure = undefined;
    this.#advance(revision);
  }

  /** Who waits for a write of his is told that nobody knows when it will be seen. */
  #fail(error: unknown): void {
    this.#failure = error;
    for (const waiter of this.#waiters.items()) waiter.reject(error);
    this.#waiters.clear();
  }

  #trim(byAge: boolean): void {
    const { clock, window = usualWindow } = this.#parts;
    trimWindows(this.#kinds.values(), window, clock.monotonic(), byAge);
    this.#grownBytes = 0;
  }

  #advance(revision: Revision): void {
    this.#revision = revision;
    this.#deliveries.deliverSoon();
    while ((this.#waiters.peek()?.revision ?? Infinity) <= revision) this.#waiters.pop()!.resolve();
    const { kindBytes } = this.#parts.window ?? usualWindow;
    if (this.#grownBytes >= kindBytes * looseShare) this.#trim(false);
    for (const listener of this.#progress) listener(revision);
  }
}

/** `/registry/pods/` of `/registry/pods/default/web`. */
function prefixOf(key: string): string {
  return key.slice(0, key.indexOf('/', root.length) + 1);
}
