import type { Clock } from '../../base/clock.ts';
import { nextTurn } from '../../base/turn.ts';
import type { ObjectChange } from './change.ts';
import type { Delivery, WatcherGroup } from './watcher-group.ts';

/** However much there is to deliver, nobody waits longer for it, in milliseconds. */
const longestRestMs = 20;

/**
 * When the groups of watchers get their events: those in this process with each change, the others a turn later, so that
 * writers get their answers first. All commits until then leave in one batch for each group. Where there are so many
 * watchers that a delivery takes its time, as much time passes before the next one: what is written meanwhile goes in one
 * write to each of them, and half of the time is left for everybody else.
 */
export class Deliveries {
  readonly #due: Readonly<Record<Delivery, Set<WatcherGroup>>> = { immediate: new Set(), deferred: new Set() };
  readonly #clock: Clock;
  #seen: ObjectChange[] = [];
  #isAgreed = false;
  /** No delivery before this time, in milliseconds. */
  #restsUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

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
    if (this.#isAgreed || this.#seen.length === 0) return;
    this.#isAgreed = true;
    const restMs = this.#restsUntil - this.#clock.monotonic();
    if (restMs > 0) this.#clock.setTimer(restMs, () => this.#deliver());
    else void nextTurn().then(() => this.#deliver());
  }

  /** Delivers all that waits. */
  flush(): void {
    flush(this.#due.deferred);
    for (const { now } of this.#seen) now.settle();
    this.#seen = [];
  }

  #deliver(): void {
    this.#isAgreed = false;
    const began = this.#clock.monotonic();
    this.flush();
    // What connections write follows within this turn.
    void nextTurn().then(() => {
      const now = this.#clock.monotonic();
      this.#restsUntil = now + Math.min(now - began, longestRestMs);
    });
  }
}

function flush(groups: Set<WatcherGroup>): void {
  for (const group of groups) {
    groups.delete(group);
    group.flush();
  }
}
