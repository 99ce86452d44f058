import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

/** Something that the server does again and again beside its requests. */
export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

/** Repeats each chore until it is disposed. One that fails is told in the log and tried again at its next time. */
export class Upkeep implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(chores: readonly Chore[], { clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    const { signal } = this.#stop;
    const repeat = async ({ name, everyMs, run }: Chore): Promise<void> => {
      for (;;) {
        try {
          await clock.sleep(everyMs, signal);
        } catch {
          return;
        }
        try {
          await run();
        } catch (error) {
          if (!signal.aborted) log.warn(`${name} failed`, { error: (error as Error).message });
        }
      }
    };
    this.#running = Promise.all(chores.map(repeat));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
