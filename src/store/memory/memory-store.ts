import type { Clock } from '../../base/clock.ts';
import { keepBudget, type HistoryBudget } from '../budget.ts';
import { Expiry, expired } from '../expiry.ts';
import { isAsExpected } from '../expected.ts';
import { History, sizeOf, type Contents, type Version } from '../history.ts';
import type { KeyRange } from '../range.ts';
import {
  FutureRevisionError,
  StoreClosedError,
  type CauseRecord,
  type DeleteOptions,
  type ListOptions,
  type Page,
  type PutOptions,
  type Revision,
  type Store,
  type StoreEvent,
  type WriteResult,
} from '../store.ts';
import { WatchHub } from '../watch-hub.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Defaults: 256 MiB, 24 hours. */
  readonly history?: Partial<HistoryBudget>;
}

const defaultBudget: HistoryBudget = { bytes: 256 << 20, ageMs: 24 * 3_600_000 };

/** Forgets at most so many revisions beside one write: more than it adds, so that the budget is reached. */
const forgottenPerWrite = 16;

/**
 * Keeps everything in memory. A write is committed and published within the call: nothing here waits for anything but
 * promises and the clock.
 */
export class MemoryStore implements Store {
  readonly #clock: Clock;
  readonly #budget: HistoryBudget;
  readonly #history: History;
  readonly #hub: WatchHub;
  readonly #expiry: Expiry;
  /** The causes of all kept versions; the log alone forgets those of old versions that are still current. */
  readonly #causes = new Map<Revision, CauseRecord>();
  #closed = false;

  constructor(options: MemoryStoreOptions) {
    this.#clock = options.clock;
    this.#budget = { ...defaultBudget, ...options.history };
    this.#history = new History(nothingStored);
    this.#hub = new WatchHub(this.#history, 0);
    this.#expiry = new Expiry(
      options.clock,
      (key, expected) => void this.#write(key, undefined, 0, { expected, cause: expired }),
    );
  }

  revision(): Revision {
    return this.#history.revision;
  }

  oldest(): Revision {
    return this.#history.oldest;
  }

  async list(range: KeyRange, { at, limit }: ListOptions = {}): Promise<Page> {
    this.#checkOpen();
    const { versions, remaining } = this.#history.list(range, at, limit);
    const entries = versions.map((version) => this.#history.entry(version));
    return { entries, revision: at ?? this.#history.revision, remaining };
  }

  async put(key: string, value: Uint8Array, options: PutOptions = {}): Promise<WriteResult> {
    return this.#write(key, value, options.expiresAt ?? 0, options);
  }

  async delete(key: string, options: DeleteOptions = {}): Promise<WriteResult> {
    return this.#write(key, undefined, 0, options);
  }

  watch(prefix: string, options: { after: Revision; signal: AbortSignal }): AsyncIterable<StoreEvent> {
    return this.#hub.watch(prefix, options);
  }

  async causeOf(revision: Revision): Promise<CauseRecord | undefined> {
    return this.#causes.get(revision);
  }

  async compact(before: Revision): Promise<void> {
    this.#checkOpen();
    if (before > this.revision()) throw new FutureRevisionError(before, this.revision());
    while (this.#history.oldest < before) this.#drop(this.#history.forgetOldest());
  }

  problem(): undefined {
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#expiry[Symbol.dispose]();
    this.#hub.close(new StoreClosedError());
  }

  #write(
    key: string,
    value: Uint8Array | undefined,
    expiresAt: number,
    { expected, cause }: DeleteOptions,
  ): WriteResult {
    this.#checkOpen();
    const history = this.#history;
    const current = history.current(key);
    const before = current === undefined ? undefined : history.entry(current);
    const pointless = value === undefined && current === undefined;
    if (pointless || !isAsExpected(current, expected))
      return { committed: false, revision: history.revision, current: before };

    const revision = history.revision + 1;
    const version: Version = {
      key,
      created: value === undefined ? 0 : (current?.created ?? revision),
      modified: revision,
      deleted: value === undefined,
      time: this.#clock.now(),
      expiresAt,
      size: sizeOf(key, value?.length ?? 0),
      value,
      cause,
      older: undefined,
    };
    history.append(version);
    if (cause !== undefined) this.#causes.set(revision, cause);
    this.#expiry.set(key, revision, expiresAt);
    this.#hub.publish([history.change(version)], revision);
    this.#drop(keepBudget(history, this.#budget, version.time, forgottenPerWrite));
    return { committed: true, revision, previous: before };
  }

  #drop(gone: readonly Version[]): void {
    for (const { modified } of gone) this.#causes.delete(modified);
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreClosedError();
  }
}

const nothingStored: Contents = {
  value: ({ modified }) => {
    throw new Error(`The value of revision ${modified} is missing`);
  },
  cause: () => undefined,
};
