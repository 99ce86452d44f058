import { nextTurn } from '../../base/turn.ts';
import type { ObjectChange } from './change.ts';
import type { Delivery, WatcherGroup } from './watcher-group.ts';

/**
 * When the groups of watchers get their events: those in this process with each change, the others a turn later.
 * Writers get their answers first, and all commits until then leave in one batch for each group.
 */
export class Deliveries {
  readonly #due: Readonly<Record<Delivery, Set<WatcherGroup>>> = { immediate: new Set(), deferred: new Set() };
  #seen: ObjectChange[] = [];
  #turnIsDue = false;

  /** A change that all may need decoded until the end of the turn. */
  note(change: ObjectChange): void {
    this.#seen.push(change);
  }

  add(group: WatcherGroup): void {
    this.#due[group.delivery].add(group);
  }

  /** For the watchers in this process: change by change, over all kinds in the order of the commits. */
  deliverNow(): void {
    flush(this.#due.immediate);
  }

  /** For all others. */
  deliverSoon(): void {
    if (this.#turnIsDue || this.#seen.length === 0) return;
    this.#turnIsDue = true;
    void nextTurn().then(() => this.flush());
  }

  /** Delivers all that waits. */
  flush(): void {
    this.#turnIsDue = false;
    flush(this.#due.deferred);
    for (const { now } of this.#seen) now.settle();
    this.#seen = [];
  }
}

function flush(groups: Set<WatcherGroup>): void {
  for (const group of groups) {
    groups.delete(group);
    group.flush();
  }
}
