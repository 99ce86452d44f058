import { nextTurn } from './turn.ts';
import type { Turns } from './turns.ts';

/**
 * Work in steps, between which others may have their turn. A step tells what it cost in the measure of expressions: some
 * thirty nanoseconds for 1. One of which nobody knows how long it took tells nothing.
 */
export type Steps<T> = Generator<number | undefined, T, undefined>;

/** What is done between two looks at the clock; a step that tells nothing is followed by one. */
const untilNextLook = 20_000;
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
    cost += (value ?? untilNextLook) + costOfStep;
    if (cost < untilNextLook) continue;
    cost = 0;
    if (turns.isOver) return later(turns, steps);
  }
}

async function later<T>(turns: Turns, steps: Steps<T>): Promise<T> {
  await turns.next();
  return goingOn(turns, steps);
}

/** Does a step in each turn of the event loop, whatever it costs: for what nobody is in a hurry for, and has no clock. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await nextTurn();
  }
}

/** Does all steps in one go. */
export function wholeOf<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
