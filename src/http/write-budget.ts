import type { Clock } from '../base/clock.ts';

/** Something that bytes wait for: an answer that its client does not take. */
export interface Waiter {
  /** Bytes that wait. */
  readonly waitingBytes: number;
  /** When the client last took some, or when they began to wait; by the monotonic clock. */
  readonly progressedAt: number;
  /** Breaks the answer off and lets go of its bytes. */
  evict(): void;
}

/** Who took something within this time is no stalled reader. */
const patienceMs = 1000;

/**
 * Bytes that wait to be written, and whose they are. When they are too many, those go first that wait longest and are
 * most; clients that read are left alone up to twice the limit, as their bytes are on their way.
 */
export class WriteBudget {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  #used = 0;

  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  get usedBytes(): number {
    return this.#used;
  }

  add(waiter: Waiter, bytes: number): void {
    this.#used += bytes;
    this.#waiters.add(waiter);
    while (this.#used > this.#limit) {
      const worst = this.#worst();
      if (worst === undefined) return;
      worst.evict();
    }
  }

  remove(waiter: Waiter, bytes: number): void {
    this.#used -= bytes;
    if (waiter.waitingBytes === 0) this.#waiters.delete(waiter);
  }

  #worst(): Waiter | undefined {
    const now = this.#clock.monotonic();
    const isUrgent = this.#used > 2 * this.#limit;
    let worst: Waiter | undefined;
    let most = 0;
    for (const waiter of this.#waiters) {
      const waitedMs = now - waiter.progressedAt;
      if (waitedMs < patienceMs && !isUrgent) continue;
      const weight = waiter.waitingBytes * (waitedMs + 1);
      if (weight > most) [worst, most] = [waiter, weight];
    }
    return worst;
  }
}
