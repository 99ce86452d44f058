import type { Logger } from '../base/logger.ts';

/** Between two reloads, for each configuration that has workers then: the present one, and those before that drain. */
const stepMs = 1_000;
const longestMs = 15_000;
/** So many configurations of before are worth a word: each takes the memory of its workers. */
const manyDraining = 8;

/**
 * When nginx may be reloaded again. A change after a quiet time goes in at once; those that come right behind wait, and
 * go in together, the longer the more workers of before are still busy.
 */
export class ReloadPace {
  #notBefore = 0;
  #hasWarned = false;

  /** Milliseconds; 0: now. */
  leftMs(now: number): number {
    return Math.max(this.#notBefore - now, 0);
  }

  reloaded(now: number, draining: number, log: Logger): void {
    const pauseMs = Math.min(stepMs * (1 + draining), longestMs);
    this.#notBefore = now + pauseMs;
    const isMany = draining >= manyDraining;
    if (isMany && !this.#hasWarned)
      log.warn('workers of many configurations of nginx still serve connections of before', { draining, pauseMs });
    this.#hasWarned = isMany;
  }
}
