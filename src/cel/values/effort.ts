/**
 * What an evaluation takes besides its cost. Kubernetes' costs are of what an expression says and not of how long it takes:
 * whatever has no type costs 1, and so does a text that is put together of millions of others. What is gone through is
 * counted here as well, in letters, so that no evaluation goes on for seconds or fills the memory. As none is ever
 * interrupted, one count does for all.
 */
const mostLetters = 16 * 1024 * 1024;
/** To look at an item or an entry takes as long as so many letters. */
const lettersOfItem = 8;
/** Letters that take as long as what costs 1. */
const lettersOfCost = 16;

let left = Infinity;

/** Ends an evaluation that costs or takes too much, past everything that would absorb an error of the language. */
export const overLimit = new Error('operation cancelled: actual cost limit exceeded');

/** Runs an evaluation, which has so much and no more; what it evaluates within, such as variables, is a part of it. */
export function withEffort<T>(evaluate: () => T): T {
  if (left !== Infinity) return evaluate();
  left = mostLetters;
  try {
    return evaluate();
  } finally {
    left = Infinity;
  }
}

/** What the evaluation that goes on has taken so far, as a cost. */
export function effortSoFar(): number {
  return left === Infinity ? 0 : (mostLetters - left) / lettersOfCost;
}

/** Counts letters, or bytes, that are gone through. Throws {@link overLimit} where the evaluation has had enough. */
export function spendLetters(letters: number): void {
  left -= letters;
  if (left < 0) throw overLimit;
}

/** The same of items or entries. */
export function spendItems(items: number): void {
  spendLetters(items * lettersOfItem);
}
