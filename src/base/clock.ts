/**
 * Time as a component sees it. The only way to read or wait for time outside `src/base`, so that a whole
 * cluster can run on virtual time.
 */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. For durations. */
  monotonic(): number;
  /** Milliseconds of a processor that this thread has had. Missing where nobody counts them. */
  busy?(): number;
  /** Calls `callback` once after `delayMs`; the returned handle cancels it. Does not keep a process alive on its own. */
  setTimer(delayMs: number, callback: () => void): Timer;
  /** Resolves after `delayMs`, or rejects with the signal's reason when it aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Timer extends Disposable {
  cancel(): void;
}
