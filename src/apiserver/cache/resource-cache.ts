import type { Change, Entry, Revision } from '../../store/store.ts';
import { ObjectChange } from './change.ts';
import { CachedObject } from './cached-object.ts';

/** Greater than whatever stands in a key. */
export const lastLetter = '\u{10ffff}';

/** How many changes of a kind a watch can go back without asking the store. */
const windowSize = 2048;

export interface ChangeListener {
  /** Called with each committed change in order of revision. */
  change(change: ObjectChange): void;
  /** `change` has thrown `error`; it is called no more. */
  fail(error: unknown): void;
  /** The kind is not served any more: nothing follows. */
  end(): void;
}

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
  readonly #followers = new Set<(change: ObjectChange) => void>();
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

  /**
   * Takes what the store holds at `revision`, in key order, for the truth. Followers are told what has become of each
   * object; listeners, who must not miss what was between, are ended with `lost`.
   */
  replace(entries: readonly Entry[], revision: Revision, lost: unknown): void {
    for (const listener of this.#listeners) this.#end(listener, lost);
    this.forgetHistory(revision);
    const known = new Map(this.#objects);
    for (const entry of entries) {
      const before = known.get(entry.key);
      known.delete(entry.key);
      if (before?.revision !== entry.modified) this.#put(this.#object(entry), before);
    }
    for (const before of known.values()) this.#drop(before.under(revision), before);
  }

  apply(committed: Change): void {
    const before = this.#objects.get(committed.key);
    let change: ObjectChange;
    if (committed.type === 'put') change = this.#put(this.#object(committed), before);
    else if (before === undefined) return;
    else change = this.#drop(before.under(committed.modified), before);
    this.#remember(change);
    for (const listener of this.#listeners) {
      // One that throws loses its own place, and nobody else's.
      try {
        listener.change(change);
      } catch (error) {
        this.#end(listener, error);
      }
    }
  }

  /** The oldest revision after which all changes are in the window. */
  get oldest(): Revision {
    return this.#recentFrom;
  }

  /** Lets no watch begin before `revision`, the newest one. */
  forgetHistory(revision: Revision): void {
    this.#recent = [];
    this.#recentFrom = revision;
  }

  /** Changes after `revision`, or `undefined` when the window does not reach back that far. */
  since(revision: Revision): readonly ObjectChange[] | undefined {
    if (revision < this.#recentFrom) return undefined;
    const changes = this.#recent;
    let at = changes.length;
    while (at > 0 && changes[at - 1]!.revision > revision) at--;
    return changes.slice(at);
  }

  /** Tells `listener` of every later change; the answer stops it. */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `follower` with every later change for as long as the cache lives. It must not throw. */
  follow(follower: (change: ObjectChange) => void): void {
    this.#followers.add(follower);
  }

  /** Ends all listeners, as the kind goes. */
  close(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    this.#followers.clear();
    for (const listener of listeners) listener.end();
  }

  #object({ key, value, created, modified }: Entry): CachedObject {
    return new CachedObject(key, this.prefix.length, value, created, modified);
  }

  #put(now: CachedObject, before: CachedObject | undefined): ObjectChange {
    const { key } = now;
    this.#objects.set(key, now);
    this.#bytes += now.stored.length - (before?.stored.length ?? 0);
    if (before === undefined) {
      const keys = this.#keys;
      if (keys.length === 0 || keys[keys.length - 1]! < key) keys.push(key);
      else keys.splice(lowerBound(keys, key), 0, key);
    }
    return this.#tell(new ObjectChange(now, before, false));
  }

  #drop(now: CachedObject, before: CachedObject): ObjectChange {
    if (this.#objects.delete(now.key)) this.#keys.splice(lowerBound(this.#keys, now.key), 1);
    this.#bytes -= before.stored.length;
    return this.#tell(new ObjectChange(now, before, true));
  }

  #tell(change: ObjectChange): ObjectChange {
    for (const follower of this.#followers) follower(change);
    return change;
  }

  #end(listener: ChangeListener, error: unknown): void {
    this.#listeners.delete(listener);
    listener.fail(error);
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
