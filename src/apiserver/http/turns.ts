import type { Clock } from '../../base/clock.ts';
import { nextTurn } from '../../base/turn.ts';

/** Milliseconds after which others get their turn. */
const mostTurnMs = 5;
/** Steps between two looks at the clock. */
const fewSteps = 16;

/** Lets others have their turn in the middle of long work that goes in small steps. */
export class Turns {
  readonly #clock: Clock;
  #began: number;
  #steps = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.monotonic();
  }

  /** Whether, after one more step, it is time to wait for {@link next}. */
  get isOver(): boolean {
    if (++this.#steps % fewSteps !== 0) return false;
    return this.#clock.monotonic() - this.#began >= mostTurnMs;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#began = this.#clock.monotonic();
  }
}
