import type { Clock } from './clock.ts';

/** Wakes who waits for a change, at once or a moment after it. A ring that nobody waits for is kept for who comes next. */
export class Bell {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #signal: AbortSignal;
  readonly #settleMs: number;
  #wake: () => void = () => {};
  #isRung = false;

  /** `settleMs`: how long after a ring whoever waits is woken; rings of that time are one. */
  constructor(clock: Pick<Clock, 'sleep'>, signal: AbortSignal, settleMs = 0) {
    this.#clock = clock;
    this.#signal = signal;
    this.#settleMs = settleMs;
  }

  ring(): void {
    this.#isRung = true;
    this.#wake();
  }

  /** Resolves after a ring, or `atLatestMs`, or when the signal aborts. For one who waits at a time. */
  async rung(atLatestMs: number): Promise<void> {
    if (!this.#isRung) {
      const waiting = new AbortController();
      this.#wake = () => waiting.abort();
      await this.#sleep(atLatestMs, AbortSignal.any([this.#signal, waiting.signal]));
      this.#wake = () => {};
    }
    if (this.#isRung && this.#settleMs > 0) await this.#sleep(this.#settleMs, this.#signal);
    this.#isRung = false;
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal).catch(() => undefined);
  }
}
