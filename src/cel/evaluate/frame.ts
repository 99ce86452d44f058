import { overLimit } from '../values/effort.ts';
import type { Value } from '../values/value.ts';

/** One evaluation: its variables and what it has cost so far. */
export class Frame {
  /** Variables by slot; `undefined` where one has not been looked at yet. */
  readonly slots: (Value | undefined)[];
  readonly limit: number;
  cost = 0;

  constructor(slots: (Value | undefined)[], limit: number) {
    this.slots = slots;
    this.limit = limit;
  }

  /** Throws {@link overLimit} once that is more than the limit. */
  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limit) throw overLimit;
  }
}

/** A part of an expression, ready to be evaluated. */
export type Step = (frame: Frame) => Value;
