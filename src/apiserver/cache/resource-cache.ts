import type { Change, Revision } from '../../store/store.ts';
import { ObjectChange } from './change.ts';
import { CachedObject } from './cached-object.ts';

/** Greater than whatever stands in a key. */
export const lastLetter = '\u{10ffff}';

/** How many changes of a kind a watch can go back without asking the store. */
const windowSize = 2048;

/** Called with each committed change in order of revision. Must not throw. */
export type ChangeListener = (change: ObjectChange) => void;

/**
 * All objects of one stored kind, in key order, as of the newest committed revision, with the last changes.
 * The only reader of the kind's part of the store's stream.
 */
export class ResourceCache {
  readonly prefix: string;
  readonly #objects = new Map<string, CachedObject>();
  /** The keys in order; what a list walks. */
  #keys: string[] = [];
  #recent: ObjectChange[] = [];
  /** Changes after this revision are all in `#recent`. */
  #recentFrom: Revision;
  readonly #listeners = new Set<ChangeListener>();
  #bytes = 0;

  constructor(prefix: string, from: Revision) {
    this.prefix = prefix;
    this.#recentFrom = from;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** Bytes of all objects in their stored form. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): CachedObject | undefined {
    return this.#objects.get(key);
  }

  /** The objects whose key starts with `prefix`, in key order, of those from the key `start` on. */
  *range(prefix: string, start = prefix): Iterable<CachedObject> {
    const keys = this.#keys;
    for (let at = lowerBound(keys, start); at < keys.length; at++) {
      const key = keys[at]!;
      if (!key.startsWith(prefix)) return;
      yield this.#objects.get(key)!;
    }
  }

  /** How many {@link range} gives. */
  count(prefix: string, start: string): number {
    return Math.max(0, lowerBound(this.#keys, `${prefix}${lastLetter}`) - lowerBound(this.#keys, start));
  }

  /** Fills an empty cache; not a change. Keys must come in order. */
  load(object: CachedObject): void {
    this.#objects.set(object.key, object);
    this.#keys.push(object.key);
    this.#bytes += object.stored.length;
  }

  apply(change: Change): void {
    const { key, value, created, modified } = change.entry;
    const before = this.#objects.get(key);
    const deleted = change.type === 'delete';
    const now = new CachedObject(key, this.prefix.length, value, created, modified);
    if (deleted) this.#remove(key);
    else this.#set(key, now, before === undefined);
    this.#bytes += (deleted ? 0 : value.length) - (before?.stored.length ?? 0);
    const seen = new ObjectChange(now, before, deleted);
    this.#remember(seen);
    for (const listener of this.#listeners) listener(seen);
  }

  /** Changes after `revision`, or `undefined` when the window does not reach back that far. */
  since(revision: Revision): readonly ObjectChange[] | undefined {
    if (revision < this.#recentFrom) return undefined;
    const changes = this.#recent;
    let at = changes.length;
    while (at > 0 && changes[at - 1]!.revision > revision) at--;
    return changes.slice(at);
  }

  /** Calls `listener` with every later change; the answer stops it. */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get watcherCount(): number {
    return this.#listeners.size;
  }

  #set(key: string, object: CachedObject, isNew: boolean): void {
    this.#objects.set(key, object);
    if (!isNew) return;
    const keys = this.#keys;
    if (keys.length === 0 || keys[keys.length - 1]! < key) keys.push(key);
    else keys.splice(lowerBound(keys, key), 0, key);
  }

  #remove(key: string): void {
    if (!this.#objects.delete(key)) return;
    this.#keys.splice(lowerBound(this.#keys, key), 1);
  }

  #remember(change: ObjectChange): void {
    this.#recent.push(change);
    if (this.#recent.length < 2 * windowSize) return;
    this.#recentFrom = this.#recent[windowSize - 1]!.revision;
    this.#recent = this.#recent.slice(windowSize);
  }
}

function lowerBound(keys: readonly string[], wanted: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
