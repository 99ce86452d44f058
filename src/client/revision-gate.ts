import type { Clock } from '../base/clock.ts';

/**
 * How far a copy of the server's state has come, and who waits for it. Resource versions of one kind compare as
 * numbers (guaranteed by Kubernetes since 1.35).
 */
export class RevisionGate {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();
  #text = '';
  #reached = -1;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The newest resource version seen; empty before the first. */
  get resourceVersion(): string {
    return this.#text;
  }

  advance(resourceVersion: string): void {
    const version = Number(resourceVersion);
    if (!(version > this.#reached)) return;
    this.#reached = version;
    this.#text = resourceVersion;
    for (const waiter of this.#waiting) if (waiter.wanted <= version) waiter.finish(true);
  }

  /** As {@link advance}, but takes back what was said before: a server may have come back with an older history. */
  restart(resourceVersion: string): void {
    this.#reached = -1;
    this.advance(resourceVersion);
  }

  /** True when `resourceVersion` has been seen; false after `timeoutMs`, or when the gate closes first. */
  reached(resourceVersion: string, timeoutMs: number): Promise<boolean> {
    const wanted = Number(resourceVersion);
    if (wanted <= this.#reached) return Promise.resolve(true);
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (arrived: boolean): void => {
        timer.cancel();
        this.#waiting.delete(waiter);
        resolve(arrived);
      };
      const waiter: Waiter = { wanted, finish };
      const timer = this.#clock.setTimer(timeoutMs, () => finish(false));
      this.#waiting.add(waiter);
    });
  }

  /** Answers false to all who wait, and to all who come. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiting) waiter.finish(false);
  }
}

interface Waiter {
  readonly wanted: number;
  readonly finish: (arrived: boolean) => void;
}
