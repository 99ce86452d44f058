import type { Clock } from './clock.ts';

/** A signal of one's own below a parent's: aborts with it, or alone. Disposing it lets go of the parent. */
export interface LinkedAbort extends Disposable {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

/** Aborts when any of `parents` does. Dispose it when the work is over, or long-lived parents collect listeners. */
export function linkedAbort(...parents: readonly (AbortSignal | undefined)[]): LinkedAbort {
  const controller = new AbortController();
  const unlink = parents
    .filter((parent) => parent !== undefined)
    .map((parent) => onAbort(parent, () => controller.abort(parent.reason)));
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => unlink.forEach((one) => one()),
  };
}

/**
 * Signals below one parent's, of which there may be thousands: each listener more of a signal takes longer to add than
 * the one before.
 */
export class AbortBranches {
  readonly #parent: AbortSignal;
  readonly #open = new Set<AbortController>();

  constructor(parent: AbortSignal) {
    this.#parent = parent;
    onAbort(parent, () => {
      for (const branch of this.#open) branch.abort(parent.reason);
    });
  }

  /** As {@link linkedAbort} of the parent. */
  branch(): LinkedAbort {
    const controller = new AbortController();
    if (this.#parent.aborted) controller.abort(this.#parent.reason);
    else this.#open.add(controller);
    return {
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      [Symbol.dispose]: () => void this.#open.delete(controller),
    };
  }
}

/** As {@link linkedAbort}, and aborts with a {@link DeadlineError} after `afterMs` on `clock`. */
export function deadline(clock: Clock, afterMs: number, ...parents: readonly (AbortSignal | undefined)[]): LinkedAbort {
  const linked = linkedAbort(...parents);
  const timer = clock.setTimer(afterMs, () => linked.abort(new DeadlineError(afterMs)));
  return {
    signal: linked.signal,
    abort: linked.abort,
    [Symbol.dispose]: () => {
      timer.cancel();
      linked[Symbol.dispose]();
    },
  };
}

export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly afterMs: number;
  constructor(afterMs: number) {
    super(`Not done within ${afterMs} ms`);
    this.afterMs = afterMs;
  }
}

/** Calls `callback` once when `signal` aborts, at once if it already has. The returned function takes it back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => {};
  }
  signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
}

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => void onAbort(signal, resolve));
}

/** The promise's outcome, or a rejection with the signal's reason if that comes first. The work itself goes on. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let unlink = () => {};
  const gone = new Promise<never>((_, reject) => {
    unlink = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([promise, gone]);
  } finally {
    unlink();
  }
}
