import type { History, Version } from './history.ts';

/** How much of the past a store keeps: what is over either limit is forgotten, oldest first. */
export interface HistoryBudget {
  /** Bytes of versions that are no longer current. */
  readonly bytes: number;
  /** Milliseconds since the write. */
  readonly ageMs: number;
}

/**
 * Forgets what is over the budget, `mostSteps` revisions at most, so that it can be done beside every write without
 * being felt. Returns the versions that are gone.
 */
export function keepBudget(history: History, budget: HistoryBudget, now: number, mostSteps: number): Version[] {
  const gone: Version[] = [];
  for (let step = 0; step < mostSteps; step++) {
    const time = history.oldestTime;
    if (time === undefined || (history.historyBytes <= budget.bytes && now - time <= budget.ageMs)) break;
    gone.push(...history.forgetOldest());
  }
  return gone;
}
