import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Revision, Store } from './store.ts';

/**
 * How often history is forgotten, and how far back it reaches then at least (etcd's and kube-apiserver's
 * `--etcd-compaction-interval`).
 */
const intervalMs = 5 * 60_000;
/** Whatever is read, the answer has the store's revision. */
const anyKey = '/registry';

/**
 * Compacts a store every five minutes to the revision of five minutes ago, as kube-apiserver does
 * (apiserver/pkg/storage/etcd3/compact.go). Lists that continue at an older revision, and watches that begin there,
 * learn that it is gone.
 */
export class Compactor implements AsyncDisposable {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #compactRevision: Revision = 0;

  constructor(store: Store, { clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#running = this.#run();
  }

  /** What was before this revision is gone; 0: nothing that this compactor knows of. */
  get compactRevision(): Revision {
    return this.#compactRevision;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      const before = await this.#revision();
      try {
        await this.#clock.sleep(intervalMs, signal);
      } catch {
        return;
      }
      if (before === this.#compactRevision) continue;
      // Whoever asks from now on must not get what is about to go.
      this.#compactRevision = before;
      try {
        await this.#store.compact(before);
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn('the store could not be compacted', { error: (error as Error).message });
      }
    }
  }

  /** The newest revision; 0, of which nothing is older, where the store cannot be asked. */
  async #revision(): Promise<Revision> {
    try {
      return (await this.#store.read(anyKey)).revision;
    } catch {
      return 0;
    }
  }
}
