import type { Clock } from '../../base/clock.ts';

/** How many frames that do no work a connection may still send. */
export class ControlCredit {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(clock: Clock, burst: number, perSecond: number) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#at = clock.monotonic();
  }

  /** False: there is no more. */
  spend(amount: number): boolean {
    this.#left -= amount;
    if (this.#left >= 0) return true;
    const now = this.#clock.monotonic();
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    return this.#left >= 0;
  }

  /** For work that was done. */
  earn(amount: number): void {
    this.#left = Math.min(this.#burst, this.#left + amount);
  }
}
