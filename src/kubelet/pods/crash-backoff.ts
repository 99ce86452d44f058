/**
 * The wait between restarts of a container: none before the first, then 10 seconds doubling to 5 minutes, and from the
 * beginning again after a container has kept up for 10 minutes. Times and delays in milliseconds.
 */
export interface CrashBackoff {
  readonly delayMs: number;
  /** When the container was last restarted. */
  readonly restartedAt: number;
}

const initialMs = 10_000;
const maximumMs = 300_000;
const forgetAfterMs = 2 * maximumMs;

/** When a container that ended at `finishedAt` may be started again. */
export function mayRestartAt(backoff: CrashBackoff | undefined, finishedAt: number): number {
  return isLive(backoff, finishedAt) && !hasBegun(backoff, finishedAt) ? finishedAt + backoff.delayMs : finishedAt;
}

/** The back-off that holds after a restart at `now` of a container that had ended at `finishedAt`. */
export function afterRestart(backoff: CrashBackoff | undefined, finishedAt: number, now: number): CrashBackoff {
  if (backoff !== undefined && hasBegun(backoff, finishedAt)) return backoff;
  const delayMs = isLive(backoff, finishedAt) ? Math.min(backoff.delayMs * 2, maximumMs) : initialMs;
  return { delayMs, restartedAt: now };
}

/** Whether the end was answered by a restart already, which is under way or failed. */
function hasBegun({ restartedAt }: CrashBackoff, finishedAt: number): boolean {
  return finishedAt <= restartedAt;
}

function isLive(backoff: CrashBackoff | undefined, at: number): backoff is CrashBackoff {
  return backoff !== undefined && at - backoff.restartedAt <= forgetAfterMs;
}
