import { closeSync, copyFileSync, mkdirSync, openSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

const longestLogBytes = 32 * 2 ** 20;
const lookEveryMs = 10_000;

/** Opens a log to be written at its end, calls `use` with it, and closes it for this process. */
export function withLog<T>(file: string, use: (descriptor: number) => T): T {
  mkdirSync(dirname(file), { recursive: true });
  const log = openSync(file, 'a', 0o600);
  try {
    return use(log);
  } finally {
    closeSync(log);
  }
}

/** Keeps logs bounded until `signal` aborts; see {@link cutLog}. */
export async function boundLogs(
  files: readonly string[],
  { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    for (const file of files)
      try {
        cutLog(file, longestLogBytes);
      } catch (error) {
        log.warn('A log cannot be kept short', { file, error: String(error) });
      }
    await clock.sleep(lookEveryMs, signal).catch(() => {});
  }
}

/**
 * Moves what is in a log to `FILE.1` when it is longer than this. Whoever writes it goes on without being asked: programs
 * outlive their supervisor, so they hold the file itself, and write where its end is. What is written between the copy and
 * the cut is lost; both are one step of this thread.
 */
export function cutLog(file: string, longestBytes: number): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= longestBytes) return;
  try {
    copyFileSync(file, `${file}.1`);
  } finally {
    truncateSync(file); // also on a full disk, which it may have filled
  }
}
