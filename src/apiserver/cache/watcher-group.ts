import type { ObjectChange, WatchedEvent } from './change.ts';
import { EventBatch } from './event-batch.ts';
import type { Selection } from './selection.ts';
import type { Watcher } from './watcher.ts';

/** When a watcher gets new events: as they are committed, or a turn later, when those who wrote have their answers. */
export type Delivery = 'immediate' | 'deferred';

/** All watchers that want the same objects: each change is tested once for all of them. */
export class WatcherGroup {
  readonly selection: Selection;
  readonly delivery: Delivery;
  readonly #watchers = new Set<Watcher>();
  readonly #onEmpty: () => void;
  #pending: WatchedEvent[] = [];
  #isWakingDue = false;

  constructor(selection: Selection, delivery: Delivery, onEmpty: () => void) {
    this.selection = selection;
    this.delivery = delivery;
    this.#onEmpty = onEmpty;
  }

  get watchers(): ReadonlySet<Watcher> {
    return this.#watchers;
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  remove(watcher: Watcher): void {
    if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#onEmpty();
  }

  /** Notes a change. Answers whether there is something to deliver now and was not before. */
  note(change: ObjectChange): boolean {
    if (this.selection.conversion !== undefined) {
      // Nobody can test it yet: its watchers read it from the window, when it has been converted.
      const isFirst = !this.#isWakingDue;
      this.#isWakingDue = true;
      return isFirst;
    }
    let type;
    try {
      type = change.typeFor(this.selection);
    } catch (error) {
      // Whatever is wrong with the test is wrong for all who want it, and for nobody else.
      this.end(error);
      return false;
    }
    return type !== undefined && this.#pending.push({ type, change }) === 1;
  }

  flush(): void {
    if (this.#isWakingDue) {
      this.#isWakingDue = false;
      for (const watcher of this.#watchers) watcher.wake();
    }
    if (this.#pending.length === 0) return;
    const batch = new EventBatch(this.#pending);
    this.#pending = [];
    for (const watcher of this.#watchers) watcher.deliver(batch);
  }

  /** Ends all watches without an error. */
  close(): void {
    this.#pending = [];
    for (const watcher of [...this.#watchers]) watcher.close();
  }

  /** Ends all watches. */
  end(error: unknown): void {
    this.#pending = [];
    for (const watcher of [...this.#watchers]) watcher.end(error);
  }
}
