import type { Change } from '../../store/store.ts';

/** A kind between the first need of its cache and the end of its first list. */
export class OpeningKind {
  /** Resolves when the cache is open; `undefined`: nobody has needed it yet, or opening it has failed. */
  running: Promise<void> | undefined;
  #changes: Change[] | undefined;

  get isRunning(): boolean {
    return this.#changes !== undefined;
  }

  /** What has happened since it began. */
  get changes(): readonly Change[] {
    return this.#changes ?? [];
  }

  begin(): void {
    this.#changes = [];
  }

  /** Keeps a change that the store's stream brings meanwhile; before {@link begin} the first list will show it. */
  later(change: Change): void {
    this.#changes?.push(change);
  }

  reset(): void {
    this.running = undefined;
    this.#changes = undefined;
  }
}
