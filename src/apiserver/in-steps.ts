import type { Turns } from '../base/turns.ts';

/** Work in steps, each of which tells what it cost in the measure of expressions: some thirty nanoseconds for 1. */
export type Steps<T> = Generator<number, T, undefined>;

/** What is done between two looks at the clock. */
const fewSteps = 20_000;

/** Does all steps, and gives others their turn between two of them where they take long; at once where they do not. */
export function inSteps<T>(turns: Turns, steps: Steps<T>): T | Promise<T> {
  let cost = 0;
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    cost += value;
    if (cost < fewSteps) continue;
    cost = 0;
    if (turns.isOver) return later(turns, steps);
  }
}

async function later<T>(turns: Turns, steps: Steps<T>): Promise<T> {
  await turns.next();
  return inSteps(turns, steps);
}

/** Does all steps in one go. */
export function wholeOf<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
