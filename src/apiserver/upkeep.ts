import { backoffDelay } from '../base/backoff.ts';
import { Bell } from '../base/bell.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

/** Something that the server does again and again beside its requests. */
export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

const firstRetryMs = 1000;

/** Repeats each chore until it is disposed. One that fails is told in the log, and tried again with back-off. */
export class Upkeep implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #bells = new Map<string, Bell>();
  readonly #running: Promise<unknown>;

  constructor(chores: readonly Chore[], { clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    const { signal } = this.#stop;
    const repeat = async ({ name, everyMs, run }: Chore, bell: Bell): Promise<void> => {
      for (let failures = 0; ;) {
        const retry = { initialMs: Math.min(firstRetryMs, everyMs), maximumMs: everyMs };
        await bell.rung(failures === 0 ? everyMs : backoffDelay(retry, failures));
        if (signal.aborted) return;
        try {
          await run();
          failures = 0;
        } catch (error) {
          failures++;
          if (!signal.aborted) log.warn(`${name} failed`, { error: (error as Error).message });
        }
      }
    };
    this.#running = Promise.all(
      chores.map((chore) => {
        const bell = new Bell(clock, signal);
        this.#bells.set(chore.name, bell);
        return repeat(chore, bell);
      }),
    );
  }

  /** Does a chore now, or once more when it is being done: what it is about has changed. */
  hurry(name: string): void {
    this.#bells.get(name)!.ring();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
