import type { Clock, Timer } from '../base/clock.ts';
import { Heap } from '../base/heap.ts';
import type { Revision } from './store.ts';

interface Alarm {
  readonly key: string;
  readonly revision: Revision;
  readonly at: number;
}

/** So many keys are let go at once; the rest follow a turn later. */
const mostAtOnce = 256;

/** Knows when the leases of keys end, and says so once. Holds one timer at most. */
export class Expiry implements Disposable {
  readonly #clock: Clock;
  readonly #expire: (key: string, revision: Revision) => void;
  readonly #alarms = new Map<string, Alarm>();
  readonly #next = new Heap<Alarm>((a, b) => a.at < b.at || (a.at === b.at && a.revision < b.revision));
  #timer: { readonly timer: Timer; readonly at: number } | undefined;

  /** `expire` should delete the key if it is still at that revision. */
  constructor(clock: Clock, expire: (key: string, revision: Revision) => void) {
    this.#clock = clock;
    this.#expire = expire;
  }

  /** The key was written: its lease ends at `at` (wall milliseconds), or never if that is 0. */
  set(key: string, revision: Revision, at: number): void {
    this.clear(key);
    if (at === 0) return;
    const alarm = { key, revision, at };
    this.#alarms.set(key, alarm);
    this.#next.push(alarm);
    this.#arm();
  }

  clear(key: string): void {
    const alarm = this.#alarms.get(key);
    if (alarm === undefined) return;
    this.#alarms.delete(key);
    this.#next.delete(alarm);
  }

  [Symbol.dispose](): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#alarms.clear();
    this.#next.clear();
  }

  /** A timer that turns out to be early looks again; so removals need not touch it. */
  #arm(): void {
    const first = this.#next.peek();
    if (first === undefined || (this.#timer !== undefined && this.#timer.at <= first.at)) return;
    this.#timer?.timer.cancel();
    const timer = this.#clock.setTimer(Math.max(0, first.at - this.#clock.now()), () => {
      this.#timer = undefined;
      this.#ring();
    });
    this.#timer = { timer, at: first.at };
  }

  #ring(): void {
    const now = this.#clock.now();
    for (let i = 0; i < mostAtOnce; i++) {
      const first = this.#next.peek();
      if (first === undefined || first.at > now) break;
      this.clear(first.key);
      this.#expire(first.key, first.revision);
    }
    this.#arm();
  }
}
