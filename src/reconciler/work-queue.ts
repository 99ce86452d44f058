import { backoffDelay, type BackoffPolicy } from '../base/backoff.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Pace } from './pace.ts';

const retries: BackoffPolicy = { initialMs: 5, maximumMs: 1_000_000 };

/**
 * Keys that wait for work. A key stands in line once however often it is added; one that is added while it is being
 * worked on comes back after {@link done}, so no key is ever worked on twice at the same time. With a pace,
 * one that comes again and again is slowed down.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #policy: BackoffPolicy;
  readonly #pace: Pace | undefined;
  /** In line, in order. */
  readonly #waiting = new Set<string>();
  readonly #working = new Set<string>();
  /** Added while being worked on. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, { readonly at: number; readonly timer: Timer }>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(clock: Clock, { policy = retries, pace }: { policy?: BackoffPolicy; pace?: Pace | undefined } = {}) {
    this.#clock = clock;
    this.#policy = policy;
    this.#pace = pace;
  }

  /** Keys in line. */
  get length(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#waiting.has(key)) return;
    const waitMs = this.#pace?.wait(key) ?? 0;
    if (waitMs > 0) {
      this.addAfter(key, waitMs);
      return;
    }
    const taker = this.#takers.shift();
    if (taker === undefined) {
      this.#waiting.add(key);
      return;
    }
    this.#begin(key);
    taker(key);
  }

  /** Adds the key after `delayMs`; of several delays for one key the one that ends first counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#closed) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const at = this.#clock.monotonic() + delayMs;
    const earlier = this.#delayed.get(key);
    if (earlier !== undefined) {
      if (earlier.at <= at) return;
      earlier.timer.cancel();
    }
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, timer });
  }

  /** Adds the key after a delay that doubles with each failure: 5 ms, 10 ms, … 1,000 s. Answers the delay. */
  addFailed(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = backoffDelay(this.#policy, failures);
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** The key did well: its next failure counts as the first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; `undefined` once the queue is closed. Call {@link done} with it afterwards. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      this.#begin(key);
      return Promise.resolve(key);
    }
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  #begin(key: string): void {
    this.#working.add(key);
    this.#pace?.took(key);
  }

  done(key: string): void {
    this.#working.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Gives `undefined` to all who wait and drops what is in line. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
    this.#again.clear();
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }
}
