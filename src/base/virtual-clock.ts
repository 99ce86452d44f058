import { onAbort } from './abort.ts';
import type { Clock, Timer } from './clock.ts';
import { Heap } from './heap.ts';
import { nextTurn } from './turn.ts';

interface Alarm {
  readonly at: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/** So many timers at one instant are a loop that waits for no time. */
const mostTimersPerInstant = 1_000_000;

/**
 * Time that stands still until a test moves it. Timers fire in the order of their time, then of their making; after
 * each, all work that hangs on promises runs to its end. So components that wait for nothing but promises and this
 * clock take the same course every time.
 */
export class VirtualClock implements Clock {
  readonly #start: number;
  #now: number;
  #sequence = 0;
  #moving = false;
  readonly #alarms = new Heap<Alarm>((a, b) => a.at < b.at || (a.at === b.at && a.sequence < b.sequence));

  /** `start` is wall time in milliseconds since the Unix epoch. */
  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#start = start;
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#start;
  }

  /** How many timers wait: what a component left behind shows here. */
  get pendingTimers(): number {
    return this.#alarms.size;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    if (Number.isNaN(delayMs)) throw new Error('Cannot set a timer: the delay is not a number');
    const alarm: Alarm = { at: this.#now + Math.max(0, delayMs), sequence: this.#sequence++, callback };
    this.#alarms.push(alarm);
    const cancel = () => void this.#alarms.delete(alarm);
    return { cancel, [Symbol.dispose]: cancel };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let unlink = () => {};
      const timer = this.setTimer(delayMs, () => {
        unlink();
        resolve();
      });
      if (signal === undefined) return;
      unlink = onAbort(signal, () => {
        timer.cancel();
        reject(signal.reason);
      });
    });
  }

  /** Runs all pending work, with the timers that are due now, and moves no time. */
  settle(): Promise<void> {
    return this.advance(0);
  }

  /** Moves time by `ms`, firing what falls due. Stretches without timers cost nothing. */
  async advance(ms: number): Promise<void> {
    await this.#move(this.#now + ms, () => false);
  }

  /**
   * Moves time from timer to timer until `predicate` holds, by `limitMs` at most. Answers whether it holds; time then
   * stands at the instant when it first did.
   */
  advanceUntil(predicate: () => boolean, limitMs: number): Promise<boolean> {
    return this.#move(this.#now + limitMs, predicate);
  }

  async #move(end: number, enough: () => boolean): Promise<boolean> {
    if (this.#moving) throw new Error('Cannot move the clock: it is moving already');
    this.#moving = true;
    try {
      // A turn begins only after every promise reaction, and every reaction to those, has run.
      await nextTurn();
      let atThisInstant = 0;
      while (!enough()) {
        const next = this.#alarms.peek();
        if (next === undefined || next.at > end) {
          this.#now = Math.max(this.#now, end);
          return false;
        }
        atThisInstant = next.at > this.#now ? 0 : atThisInstant + 1;
        if (atThisInstant > mostTimersPerInstant)
          throw new Error(
            `Cannot move the clock: more than ${mostTimersPerInstant} timers fired at ${new Date(this.#now).toISOString()}`,
          );
        this.#alarms.pop();
        this.#now = Math.max(this.#now, next.at);
        next.callback();
        await nextTurn();
      }
      return true;
    } finally {
      this.#moving = false;
    }
  }
}
