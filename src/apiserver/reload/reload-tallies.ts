import type { Clock } from '../../base/clock.ts';
import { hashOf } from '../auth/hash-of.ts';
import { reloadableParts, type ReloadableName } from './reconfiguration.ts';

interface Reloads {
  readonly success: number;
  readonly failure: number;
  /** Wall time in seconds. */
  readonly lastSuccess?: number;
  readonly lastFailure?: number;
  /** Of the text that it was last told by. */
  readonly hash?: string;
}

/** How often the parts of a server were told anew, and by what. */
export class ReloadTallies {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #parts = new Map<ReloadableName, Reloads>(reloadableParts.map((name) => [name, { success: 0, failure: 0 }]));

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** The part works by this text from the start. */
  begins(name: ReloadableName, text: string): void {
    this.#change(name, { hash: hashOf(text) });
  }

  succeeded(name: ReloadableName, text: string): void {
    this.#change(name, {
      success: this.of(name).success + 1,
      lastSuccess: this.#clock.now() / 1000,
      hash: hashOf(text),
    });
  }

  failed(name: ReloadableName): void {
    this.#change(name, { failure: this.of(name).failure + 1, lastFailure: this.#clock.now() / 1000 });
  }

  of(name: ReloadableName): Reloads {
    return this.#parts.get(name)!;
  }

  #change(name: ReloadableName, change: Partial<Reloads>): void {
    this.#parts.set(name, { ...this.of(name), ...change });
  }
}
