import type { Revision } from '../../store/store.ts';
import type { CachedObject } from './cached-object.ts';
import type { Selection } from './selection.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One committed change of one object, shared by all watchers of its kind. */
export class ObjectChange {
  readonly revision: Revision;
  /** For a delete: the last state, under the delete's own revision. */
  readonly now: CachedObject;
  readonly before: CachedObject | undefined;
  readonly deleted: boolean;
  /** In the window of its kind. */
  position = -1;
  #left: CachedObject | undefined;

  constructor(now: CachedObject, before: CachedObject | undefined, deleted: boolean) {
    this.revision = now.revision;
    this.now = now;
    this.before = before;
    this.deleted = deleted;
  }

  /**
   * What a watcher of `selection` sees: an object that stops matching is deleted for it, one that starts to is added.
   * `undefined`: nothing.
   */
  typeFor({ prefix, only, matches }: Selection): EventType | undefined {
    const { key } = this.now;
    if (only === undefined ? !key.startsWith(prefix) : key !== only) return undefined;
    if (matches === undefined) return this.deleted ? 'DELETED' : this.before === undefined ? 'ADDED' : 'MODIFIED';
    const isIn = !this.deleted && matches(this.now);
    const wasIn = this.before !== undefined && matches(this.before);
    if (isIn) return wasIn ? 'MODIFIED' : 'ADDED';
    return wasIn ? 'DELETED' : undefined;
  }

  /**
   * The object of such an event. Who is told that an object left his selection gets it as he last saw it, under the
   * revision of the change: he may find its owner by labels that it has no more.
   */
  objectFor(type: EventType): CachedObject {
    if (type !== 'DELETED' || this.deleted || this.before === undefined) return this.now;
    this.#left ??= this.before.under(this.revision);
    return this.#left;
  }
}

/** What a watcher is told of a change. */
export interface WatchedEvent {
  readonly type: EventType;
  readonly change: ObjectChange;
}
