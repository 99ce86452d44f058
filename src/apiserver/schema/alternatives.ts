import type { Result } from './result.ts';

/** The first that is valid, or of all failures those with the most matches. */
export function firstValid(checks: readonly (() => Result)[]): Result {
  let best: Result | undefined;
  for (const run of checks) {
    const result = run();
    if (result.isValid) return result;
    if (best === undefined || result.matches > best.matches) best = result;
  }
  return best!;
}

/**
 * Of alternatives of which not exactly one is valid, the failures that are told: those with the most matches behind the
 * last valid one, where none was valid before.
 */
export function bestFailures(results: readonly Result[]): Result | undefined {
  let best: Result | undefined;
  for (const result of results) {
    if (result.isValid) return undefined;
    if (best === undefined || result.matches > best.matches) best = result;
  }
  return best;
}
