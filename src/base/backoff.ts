import type { Random } from './random.ts';

export interface BackoffPolicy {
  /** The delay after the first failure. */
  readonly initialMs: number;
  readonly maximumMs: number;
  /** How much longer each further delay is (default 2). */
  readonly factor?: number;
  /**
   * The share of the delay that is added at random, 0 to 1 (default 0), so that many who failed together do not return
   * together.
   */
  readonly jitter?: number;
}

/** How long to wait after the `failures`-th failure in a row (1 is the first; 0 or less: no wait). A value, no timer. */
export function backoffDelay(policy: BackoffPolicy, failures: number, random?: Random): number {
  if (failures <= 0) return 0;
  const { initialMs, maximumMs, factor = 2, jitter = 0 } = policy;
  const delay = Math.min(maximumMs, initialMs * factor ** (failures - 1));
  return random === undefined || jitter === 0 ? delay : delay * (1 + jitter * random.next());
}

/** Counts the failures of one thing. */
export class Backoff {
  readonly #policy: BackoffPolicy;
  readonly #random: Random | undefined;
  #failures = 0;

  constructor(policy: BackoffPolicy, random?: Random) {
    this.#policy = policy;
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Notes one more failure and says how long to wait, in milliseconds. */
  next(): number {
    return backoffDelay(this.#policy, ++this.#failures, this.#random);
  }

  reset(): void {
    this.#failures = 0;
  }
}
