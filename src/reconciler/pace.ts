import type { Clock } from '../base/clock.ts';

/** How often a key may be worked on in a row, and after that, how long apart. */
const burst = 30;
const apartMs = 50;
/** From so many keys on, they are looked through for those that have rested whenever their number has doubled. */
const fewToRemember = 1000;

/**
 * Lets a key that is woken again and again wait a little between two turns, so that a burst of changes becomes one
 * reconcile and one write. A key that has rested, or is woken now and then, does not wait at all.
 */
export class Pace {
  readonly #clock: Clock;
  /** When all turns of a key will have been paid back. */
  readonly #paidAt = new Map<string, number>();
  #mostRemembered = fewToRemember;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the key may have its next turn. */
  wait(key: string): number {
    const debt = (this.#paidAt.get(key) ?? 0) - this.#clock.monotonic();
    return Math.max(0, debt - (burst - 1) * apartMs);
  }

  /** The key has a turn now. */
  took(key: string): void {
    const now = this.#clock.monotonic();
    if (this.#paidAt.size >= this.#mostRemembered) this.#forgetRested(now);
    this.#paidAt.set(key, Math.max(now, this.#paidAt.get(key) ?? 0) + apartMs);
  }

  #forgetRested(now: number): void {
    for (const [key, paidAt] of this.#paidAt) if (paidAt <= now) this.#paidAt.delete(key);
    this.#mostRemembered = Math.max(fewToRemember, 2 * this.#paidAt.size);
  }
}
