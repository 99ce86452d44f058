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
  return grown(backoff, finishedAt, now);
}

/** The ends that a restart in one go with the kill is measured by. */
export interface KillToRestart {
  /** When the instance that was killed ended. */
  readonly endedAt: number;
  /** When the instance before it ended; absent: it was the first. */
  readonly beforeAt: number | undefined;
}

/**
 * Whether a container that was killed to be started again comes back at once: Kubernetes then measures the back-off
 * from the end of the instance before, not from the one that it has just made.
 */
export function comesBackAtOnce(backoff: CrashBackoff | undefined, { endedAt, beforeAt }: KillToRestart): boolean {
  if (backoff === undefined || beforeAt === undefined) return true;
  if (hasBegun(backoff, endedAt)) return false;
  return !isLive(backoff, beforeAt) || endedAt - beforeAt >= backoff.delayMs;
}

/** The back-off that holds after such a restart at `now`: none before a second instance has ended. */
export function afterComingBack(
  backoff: CrashBackoff | undefined,
  { beforeAt }: KillToRestart,
  now: number,
): CrashBackoff | undefined {
  return beforeAt === undefined ? backoff : grown(backoff, beforeAt, now);
}

function grown(backoff: CrashBackoff | undefined, since: number, now: number): CrashBackoff {
  const delayMs = isLive(backoff, since) ? Math.min(backoff.delayMs * 2, maximumMs) : initialMs;
  return { delayMs, restartedAt: now };
}

/** Whether the end was answered by a restart already, which is under way or failed. */
function hasBegun({ restartedAt }: CrashBackoff, finishedAt: number): boolean {
  return finishedAt <= restartedAt;
}

function isLive(backoff: CrashBackoff | undefined, at: number): backoff is CrashBackoff {
  return backoff !== undefined && at - backoff.restartedAt <= forgetAfterMs;
}
