import type { Revision } from '../../store/store.ts';
import type { CachedObject } from './cached-object.ts';
import { ObjectChange, type WatchedEvent } from './change.ts';
import { EventBatch } from './event-batch.ts';
import type { Selection } from './selection.ts';

/** Objects that are looked at for one batch. */
const mostTested = 256;

/** The objects of a kind as they were when a watch began, sent piece by piece. */
export class Snapshot {
  /** The revision to tell when all has been sent; `undefined`: nothing is told. */
  readonly endMark: Revision | undefined;
  readonly #objects: readonly CachedObject[];
  readonly #selection: Selection;
  #at = 0;

  constructor(objects: readonly CachedObject[], selection: Selection, endMark: Revision | undefined) {
    this.#objects = objects;
    this.#selection = selection;
    this.endMark = endMark;
  }

  /** What {@link next} looks at. */
  get upcoming(): readonly CachedObject[] {
    return this.#objects.slice(this.#at, this.#at + mostTested);
  }

  /** The next events, among objects of about `bytes` (none: there is more, ask again); `undefined` at the end. */
  next(bytes: number): EventBatch | undefined {
    const objects = this.#objects;
    const { matches } = this.#selection;
    if (this.#at === objects.length) return undefined;
    const events: WatchedEvent[] = [];
    let size = 0;
    for (const stop = Math.min(objects.length, this.#at + mostTested); this.#at < stop && size < bytes; this.#at++) {
      const object = objects[this.#at]!;
      size += object.stored.length;
      if (matches !== undefined && !matches(object)) continue;
      events.push({ type: 'ADDED', change: new ObjectChange(object, undefined, false) });
    }
    return new EventBatch(events);
  }
}
