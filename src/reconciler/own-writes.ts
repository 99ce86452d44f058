import { keyText, type KubeObject } from '../apimachinery/object.ts';
import { abortable, onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Informer } from '../client/informer.ts';

/** After so long a cache that does not show a write is looked into. */
const longestLagMs = 5000;
/** A cache that moves, but does not come to a write, is listed anew after so many of those. */
const mostLags = 12;

export interface OwnWritesOptions {
  readonly informer: Informer<any>;
  /** What the informer holds, for the log. */
  readonly resource: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** When it aborts nobody waits any longer. */
  readonly signal: AbortSignal;
}

/**
 * Tells when an informer shows what was written. This replaces the bookkeeping of expected changes: a controller that
 * waits for it before it looks again never acts on a state older than its own deeds. A cache that lags is waited for and
 * said to; one that stands still is listed anew. Nobody is let go before the cache is known to be as new as the write.
 */
export class OwnWrites {
  readonly #options: OwnWritesOptions;
  readonly #deleted = new Map<string, Set<() => void>>();

  constructor(options: OwnWritesOptions) {
    this.#options = options;
    const { informer, signal } = options;
    const unsubscribe = informer.onChange((change) => {
      if (change.type === 'added' || this.#deleted.size === 0) return;
      for (const check of this.#deleted.get(keyText(change.object.metadata)) ?? []) check();
    });
    onAbort(signal, unsubscribe);
  }

  /** Resolves when the informer has come to the version. */
  reached(resourceVersion: string): Promise<void> {
    return this.#until(() => this.#reached(resourceVersion), { wanted: resourceVersion });
  }

  /** Resolves when the informer shows the object as deleted or going; an answer to a delete carries no version. */
  sawDeletion(object: Readonly<KubeObject>): Promise<void> {
    return this.#until(() => this.#sawDeletion(object), { deleted: keyText(object.metadata) });
  }

  /** `seen` gives up after {@link longestLagMs}. */
  async #until(seen: () => Promise<boolean>, what: Readonly<Record<string, string>>): Promise<void> {
    const { informer, log, resource, signal } = this.#options;
    for (let lags = 1; !signal.aborted; lags++) {
      const before = informer.resourceVersion();
      if (await seen()) return;
      if (signal.aborted) return;
      const shown = informer.resourceVersion();
      log.warn('the cache lags behind own writes', { resource, ...what, shown, lagMs: lags * longestLagMs });
      if (shown !== before && lags < mostLags) continue;
      // What is listed from now on is no older than the write, whatever its version.
      await abortable(informer.relist(), signal).catch(() => undefined);
      return;
    }
  }

  async #reached(resourceVersion: string): Promise<boolean> {
    const { informer, signal } = this.#options;
    return signal.aborted || (await informer.reached(resourceVersion, longestLagMs));
  }

  #sawDeletion(object: Readonly<KubeObject>): Promise<boolean> {
    const { clock, signal } = this.#options;
    if (signal.aborted || this.#isGoing(object)) return Promise.resolve(true);
    const key = keyText(object.metadata);
    const checks = this.#deleted.get(key) ?? new Set();
    this.#deleted.set(key, checks);
    return new Promise((resolve) => {
      const finish = (seen: boolean): void => {
        timer.cancel();
        unlink();
        checks.delete(check);
        if (checks.size === 0) this.#deleted.delete(key);
        resolve(seen);
      };
      const check = (): void => {
        if (this.#isGoing(object)) finish(true);
      };
      checks.add(check);
      const timer = clock.setTimer(longestLagMs, () => finish(false));
      const unlink = onAbort(signal, () => finish(true));
    });
  }

  #isGoing({ metadata }: Readonly<KubeObject>): boolean {
    const present = this.#options.informer.get(metadata);
    return (
      present === undefined || present.metadata.uid !== metadata.uid || present.metadata.deletionTimestamp !== undefined
    );
  }
}
