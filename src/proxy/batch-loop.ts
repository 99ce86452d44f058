import { onAbort } from '../base/abort.ts';
import { Backoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

export interface BatchLoopOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** How long to gather news before they are worked on together. */
  readonly gatherMs: number;
  /** Works on all news so far. What comes meanwhile waits for the next call. */
  readonly work: () => Promise<void>;
  /** Told when `work` rejected; it is called again after `retryMs`. */
  readonly onFailure: (error: unknown, retryMs: number) => void;
}

const retry = { initialMs: 100, maximumMs: 10_000 };

/** Works after news, once for all that come shortly after another, and never twice at the same time. */
export class BatchLoop {
  readonly #options: BatchLoopOptions;
  #hasNews = false;
  #wake = (): void => {};

  constructor(options: BatchLoopOptions) {
    this.#options = options;
  }

  news(): void {
    this.#hasNews = true;
    this.#wake();
  }

  /** Resolves when the signal has aborted and no work is under way. */
  async run(): Promise<void> {
    const { clock, random, signal, gatherMs, work, onFailure } = this.#options;
    const backoff = new Backoff(retry, random);
    onAbort(signal, () => this.#wake());
    let waitMs = gatherMs;
    while (!signal.aborted) {
      // Not a race with the end: every promise that loses one would be kept until then.
      if (!this.#hasNews) await new Promise<void>((resolve) => (this.#wake = resolve));
      await clock.sleep(waitMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      this.#hasNews = false;
      waitMs = gatherMs;
      try {
        await work();
        backoff.reset();
      } catch (error) {
        waitMs = Math.round(backoff.next());
        onFailure(error, waitMs);
        this.#hasNews = true;
      }
    }
  }
}
