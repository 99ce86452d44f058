interface Reading {
  readonly at: number;
  readonly nanoSeconds: number;
  /** Of the look before, for looks that come too soon. */
  readonly rate: number | undefined;
}

/** Looks closer together than this say little, for the kernel counts in steps. */
const leastMs = 1000;

/**
 * Turns counters of CPU time into rates, by comparing each look with an earlier one. Things that were not looked at are
 * forgotten.
 */
export class CpuRates {
  #before = new Map<string, Reading>();
  #now = new Map<string, Reading>();

  /** What follows is one look. */
  begin(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /** Billionths of a core; `undefined` when there is nothing to compare with, or the thing has started anew. */
  rate(id: string, at: number, nanoSeconds: number): number | undefined {
    const before = this.#before.get(id);
    if (before !== undefined && at - before.at < leastMs && nanoSeconds >= before.nanoSeconds) {
      this.#now.set(id, before);
      return before.rate;
    }
    const isComparable = before !== undefined && at > before.at && nanoSeconds >= before.nanoSeconds;
    const rate = isComparable ? Math.round((nanoSeconds - before.nanoSeconds) / ((at - before.at) / 1000)) : undefined;
    this.#now.set(id, { at, nanoSeconds, rate });
    return rate;
  }
}
