import { backoffDelay, type BackoffPolicy } from '../../../base/backoff.ts';

const policy: BackoffPolicy = { initialMs: 1000, maximumMs: 15 * 60_000 };
/** After so long without a failure a node begins anew. */
const forgottenAfterMs = 2 * policy.maximumMs;

/** Remembers how often pods have failed on a node, so that each replacement waits longer than the one before. */
export class Failures {
  readonly #failures = new Map<string, { count: number; at: number }>();

  /**
   * Whether a failed pod can be replaced now, in milliseconds: 0, or how long to wait. A 0 counts as a failure that is
   * dealt with. `key` says whose pod on which node.
   */
  untilReplaced(key: string, now: number): number {
    const known = this.#failures.get(key);
    const isFresh = known !== undefined && now - known.at <= forgottenAfterMs;
    const delay = isFresh ? backoffDelay(policy, known.count) : 0;
    if (isFresh && now - known.at < delay) return known.at + delay - now;
    this.#failures.delete(key);
    this.#failures.set(key, { count: isFresh ? known.count + 1 : 1, at: now });
    this.#forget(now);
    return 0;
  }

  /** The oldest come first. */
  #forget(now: number): void {
    for (const [key, { at }] of this.#failures) {
      if (now - at <= forgottenAfterMs) return;
      this.#failures.delete(key);
    }
  }
}
