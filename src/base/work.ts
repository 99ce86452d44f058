import { nextTurn } from './turn.ts';

/** Work that can be done in turns: between two `yield`s little happens. */
export type Work<T> = Generator<undefined, T>;

/** Does the work with a turn of the event loop between its parts. */
export async function inTurns<T>(work: Work<T>, next: () => Promise<void> = nextTurn): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await next();
  }
}

/** Does the work at once. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
