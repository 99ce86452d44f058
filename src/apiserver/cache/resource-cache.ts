import { OrderedMap } from '../../base/ordered-map.ts';
import type { Clock } from '../../base/clock.ts';
import { prefixRange } from '../../store/range.ts';
import type { Change, Entry, Revision } from '../../store/store.ts';
import { refused } from '../../apimachinery/status.ts';
import { unreadableReason } from '../encryption/unreadable.ts';
import { CachedObject } from './cached-object.ts';
import { ObjectChange } from './change.ts';
import type { Deliveries } from './deliveries.ts';
import type { Selection } from './selection.ts';
import { Snapshot } from './snapshot.ts';
import { Watcher, type EventSink } from './watcher.ts';
import { WatcherGroup, type Delivery } from './watcher-group.ts';
import { WatcherIndex } from './watcher-index.ts';
import { Window } from './window.ts';

/**
 * Where a watch begins: with all that is there (`endMark`: and the end of it is told), or with what happened after a
 * revision.
 */
export type WatchStart = { readonly initial: true; readonly endMark: boolean } | { readonly after: Revision };

export interface WatchOptions {
  readonly selection: Selection;
  /** The version in which the selection reads fields. */
  readonly apiVersion: string;
  readonly start: WatchStart;
  readonly delivery: Delivery;
}

/** A watch that has begun. */
export interface RunningWatcher {
  stop(): void;
  /** Tells the sink how far the watch has come, unless there is something that it has not taken yet. */
  bookmark(): void;
}

export interface ResourceCacheParts {
  readonly prefix: string;
  readonly clock: Clock;
  readonly deliveries: Deliveries;
  /** The newest revision that has been shown. */
  revision(): Revision;
}

/**
 * All objects of one stored kind, in key order, as of the newest committed revision, with the last changes.
 * The only reader of the kind's part of the store's stream.
 */
export class ResourceCache {
  readonly prefix: string;
  readonly #parts: ResourceCacheParts;
  readonly #objects = new OrderedMap<CachedObject>();
  readonly #window = new Window(0);
  readonly #followers = new Set<(change: ObjectChange) => void>();
  readonly #groups = new Map<string, WatcherGroup>();
  readonly #index = new WatcherIndex();
  /** What the store holds and nobody can decrypt: why, by key. */
  #unreadable: Map<string, string> | undefined;
  #bytes = 0;

  constructor(parts: ResourceCacheParts) {
    this.prefix = parts.prefix;
    this.#parts = parts;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Bytes of all objects in their stored form. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What the last changes keep in memory, in bytes, about. */
  get windowBytes(): number {
    return this.#window.bytes;
  }

  /** Throws InternalError for what is stored and cannot be read. */
  get(key: string): CachedObject | undefined {
    const reason = this.#unreadable?.get(key);
    if (reason !== undefined) throw refused.internal(reason);
    return this.#objects.get(key);
  }

  /** The same, but nothing where it cannot be read. */
  readable(key: string): CachedObject | undefined {
    return this.#objects.get(key);
  }

  /** The first key whose value cannot be read, and why; {@link range} leaves such out. */
  get unreadable(): { readonly key: string; readonly reason: string } | undefined {
    if (this.#unreadable === undefined) return undefined;
    const [[key, reason]] = [...this.#unreadable].sort(([a], [b]) => (a < b ? -1 : 1)) as [[string, string]];
    return { key, reason };
  }

  /** All keys of what cannot be read. */
  get unreadableKeys(): readonly string[] {
    return [...(this.#unreadable?.keys() ?? [])];
  }

  /** Takes what could not be read before, and now can; where it has been written since, nothing happens. */
  becomesReadable(entry: Entry): void {
    if (this.#unreadable?.has(entry.key) === true && this.#isReadable(entry)) this.#put(this.#object(entry), undefined);
  }

  /** The objects whose key starts with `prefix`, in key order, of those from the key `start` on, `limit` at most. */
  range(prefix: string, start = prefix, limit?: number): CachedObject[] {
    return this.#objects.range(start, prefixRange(prefix).end, limit);
  }

  /** How many {@link range} gives without a limit. */
  count(prefix: string, start: string): number {
    return this.#objects.count(start, prefixRange(prefix).end);
  }

  /** Whether objects of the kind may have changed after `revision`. */
  hasChangedSince(revision: Revision): boolean {
    return this.#window.after(revision) !== this.#window.end;
  }

  /**
   * Takes what the store holds at `revision`, in key order, for the truth. Followers are told what has become of each
   * object; watchers, who must not miss what was between, are ended with `lost`.
   */
  replace(entries: readonly Entry[], revision: Revision, lost: unknown): void {
    for (const group of [...this.#groups.values()]) group.end(lost);
    this.#window.clear(revision);
    this.#unreadable = undefined;
    const known = new Map(this.range(this.prefix).map((object) => [object.key, object]));
    for (const entry of entries) {
      const before = known.get(entry.key);
      known.delete(entry.key);
      if (!this.#isReadable(entry)) {
        if (before !== undefined) this.#drop(before.under(revision), before);
      } else if (before?.revision !== entry.modified) this.#put(this.#object(entry), before);
    }
    for (const before of known.values()) this.#drop(before.under(revision), before);
  }

  apply(committed: Change): void {
    const before = this.#objects.get(committed.key);
    let change: ObjectChange;
    if (this.#isReadable(committed)) change = this.#put(this.#object(committed), before);
    else if (before === undefined) return;
    else change = this.#drop(before.under(committed.modified), before);
    this.#window.push(change, this.#parts.clock.monotonic());
    this.#parts.deliveries.note(change);
    this.#index.visit(change, (group) => {
      if (group.note(change)) this.#parts.deliveries.add(group);
    });
  }

  /** Bounds what the last changes keep: `bytes`, and none from before `time`. Watchers that needed them are ended. */
  trim(bytes: number, time: number): void {
    if (!this.#window.trim(bytes, time)) return;
    for (const group of this.#groups.values()) for (const watcher of group.watchers) watcher.checkExpired();
  }

  /** Lets no watch begin before `revision`, the newest one. */
  forgetHistory(revision: Revision): void {
    this.#window.clear(revision);
  }

  watch({ selection, apiVersion, start, delivery }: WatchOptions, sink: EventSink): RunningWatcher {
    const group = this.#group(selection, apiVersion, delivery);
    const { clock, revision, deliveries } = this.#parts;
    const window = this.#window;
    const parts = { window, group, sink, clock, revision };
    const watcher =
      'after' in start
        ? new Watcher({ ...parts, beginning: undefined, position: window.after(start.after), after: start.after })
        : new Watcher({
            ...parts,
            beginning: this.#snapshot(selection, start.endMark),
            position: window.end,
            after: revision(),
          });
    group.add(watcher);
    watcher.start();
    return {
      stop: () => watcher.stop(),
      bookmark() {
        deliveries.flush();
        watcher.bookmark();
      },
    };
  }

  /** Calls `follower` with every later change for as long as the cache lives. It must not throw. */
  follow(follower: (change: ObjectChange) => void): void {
    this.#followers.add(follower);
  }

  /** Whether a change leaves an object that can be read; notes those that cannot. */
  #isReadable(change: Entry | Change): change is Entry {
    const reason = 'value' in change ? unreadableReason(change.value) : undefined;
    if (reason !== undefined) (this.#unreadable ??= new Map()).set(change.key, reason);
    else if (this.#unreadable?.delete(change.key) === true && this.#unreadable.size === 0) this.#unreadable = undefined;
    return 'value' in change && reason === undefined;
  }

  /** The objects as they are now. */
  #snapshot(selection: Selection, endMark: boolean): Snapshot {
    const { prefix, only } = selection;
    const single = only === undefined ? undefined : this.#objects.get(only);
    const objects = only === undefined ? this.range(prefix) : single === undefined ? [] : [single];
    return new Snapshot(objects, selection, endMark ? this.#parts.revision() : undefined);
  }

  #group(selection: Selection, apiVersion: string, delivery: Delivery): WatcherGroup {
    const key = [delivery, apiVersion, selection.prefix, selection.text].join('\n');
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const group: WatcherGroup = new WatcherGroup(selection, delivery, () => {
      this.#groups.delete(key);
      this.#index.delete(group);
    });
    this.#groups.set(key, group);
    this.#index.add(group);
    return group;
  }

  /** Ends all watches, as the kind goes. */
  close(): void {
    for (const group of [...this.#groups.values()]) group.close();
    this.#followers.clear();
  }

  #object({ key, value, created, modified }: Entry): CachedObject {
    return new CachedObject(key, this.prefix.length, value, created, modified);
  }

  #put(now: CachedObject, before: CachedObject | undefined): ObjectChange {
    this.#objects.set(now.key, now);
    this.#bytes += now.stored.length - (before?.stored.length ?? 0);
    return this.#tell(new ObjectChange(now, before, false));
  }

  #drop(now: CachedObject, before: CachedObject): ObjectChange {
    this.#objects.delete(now.key);
    this.#bytes -= before.stored.length;
    return this.#tell(new ObjectChange(now, before, true));
  }

  #tell(change: ObjectChange): ObjectChange {
    for (const follower of this.#followers) follower(change);
    return change;
  }
}
