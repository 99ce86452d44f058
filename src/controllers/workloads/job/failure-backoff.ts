import type { Pod } from '../../../api/core/v1/types.ts';
import { finishTime } from './finish-time.ts';

/** How often pods of a job have failed since one succeeded, and when the last did, in milliseconds. */
export interface FailureRecord {
  readonly failures: number;
  readonly lastFailure: number;
}

export const noFailures: FailureRecord = { failures: 0, lastFailure: 0 };

/** The record after more pods have ended. */
export function recordAfter(
  record: FailureRecord,
  succeeded: readonly Readonly<Pod>[],
  failed: readonly Readonly<Pod>[],
): FailureRecord {
  if (succeeded.length === 0 && failed.length === 0) return record;
  const lastSuccess = succeeded.length === 0 ? undefined : Math.max(...succeeded.map(finishTime));
  const ends = failed.map(finishTime).filter((end) => lastSuccess === undefined || end > lastSuccess);
  if (ends.length === 0) return noFailures;
  const before = lastSuccess === undefined ? record.failures : 0;
  return { failures: before + ends.length, lastFailure: Math.max(...ends) };
}

const firstDelayMs = 10_000;
const longestDelayMs = 600_000;

/** How long a failed pod is not replaced yet, in milliseconds: 10 s after the first failure, twice that after each more. */
export function backoffLeft({ failures, lastFailure }: FailureRecord, now: number): number {
  if (failures === 0) return 0;
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  return Math.max(0, lastFailure + delay - now);
}
