import { keyText, type KubeObject } from '../apimachinery/object.ts';
import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Informer } from '../client/informer.ts';

/** How long a cache may lag behind a write before everything is listed again. */
const longestLagMs = 5000;

/**
 * Tells when an informer shows what was written. This replaces the bookkeeping of expected changes: a controller that
 * waits for it before it looks again never acts on a state older than its own deeds.
 */
export class OwnWrites {
  readonly #informer: Informer<KubeObject>;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #deleted = new Map<string, Set<() => void>>();

  /** When `signal` aborts nobody waits any longer. */
  constructor(informer: Informer<KubeObject>, clock: Clock, signal: AbortSignal) {
    this.#informer = informer;
    this.#clock = clock;
    this.#signal = signal;
    informer.onChange((change) => {
      if (change.type === 'added' || this.#deleted.size === 0) return;
      for (const check of this.#deleted.get(keyText(change.object.metadata)) ?? []) check();
    });
  }

  /** Resolves when the informer has come to the version; after the longest lag it lists again first. */
  async reached(resourceVersion: string): Promise<void> {
    if (await this.#informer.reached(resourceVersion, longestLagMs)) return;
    this.#informer.relist();
    await this.#informer.reached(resourceVersion, longestLagMs);
  }

  /** Resolves when the informer shows the object as deleted or going; an answer to a delete carries no version. */
  async sawDeletion(object: Readonly<KubeObject>): Promise<void> {
    if (await this.#sawDeletion(object)) return;
    this.#informer.relist();
    await this.#sawDeletion(object);
  }

  #sawDeletion(object: Readonly<KubeObject>): Promise<boolean> {
    if (this.#signal.aborted || this.#isGoing(object)) return Promise.resolve(true);
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
      const timer = this.#clock.setTimer(longestLagMs, () => finish(false));
      const unlink = onAbort(this.#signal, () => finish(true));
    });
  }

  #isGoing({ metadata }: Readonly<KubeObject>): boolean {
    const present = this.#informer.get(metadata);
    return (
      present === undefined || present.metadata.uid !== metadata.uid || present.metadata.deletionTimestamp !== undefined
    );
  }
}
