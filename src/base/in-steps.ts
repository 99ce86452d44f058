import type { Turns } from './turns.ts';

/** Work in steps, each of which tells what it cost in the measure of expressions: some thirty nanoseconds for 1. */
export type Steps<T> = Generator<number, T, undefined>;

/** What is done between two looks at the clock; the cost of a step of which nobody knows how long it takes. */
export const untilNextLook = 20_000;
/** What each step costs, whatever it says. */
const costOfStep = 32;

/**
 * Does all steps, and gives others their turn between two of them where they take long; at once where they do not, and in
 * a turn that has time for it: of many requests that come together each would have its first step in the same turn.
 */
export function inSteps<T>(turns: Turns, steps: Steps<T>): T | Promise<T> {
  return turns.isOver ? later(turns, steps) : goingOn(turns, steps);
}

function goingOn<T>(turns: Turns, steps: Steps<T>): T | Promise<T> {
  let cost = 0;
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    cost += value + costOfStep;
    if (cost < untilNextLook) continue;
    cost = 0;
    if (turns.isOver) return later(turns, steps);
  }
}

async function later<T>(turns: Turns, steps: Steps<T>): Promise<T> {
  await turns.next();
  return goingOn(turns, steps);
}

/** Does all steps in one go. */
export function wholeOf<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
