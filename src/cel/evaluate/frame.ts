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

/** Ends an evaluation that costs too much, past everything that would absorb an error of the language. */
export const overLimit = new Error('operation cancelled: actual cost limit exceeded');

/** A part of an expression, ready to be evaluated. */
export type Step = (frame: Frame) => Value;
