import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { nextTurn } from '../../base/turn.ts';
import { Expiry } from '../expiry.ts';
import type { History, Version } from '../history.ts';
import { leaseEndingIn } from '../lease.ts';
import type { KeyRange } from '../range.ts';
import {
  FutureRevisionError,
  StoreClosedError,
  StoreFullError,
  type Entry,
  type Expected,
  type LeaseId,
  type Page,
  type RangeOptions,
  type ReadOptions,
  type Revision,
  type Store,
  type StoreEvent,
  type StoreFailedError,
  type TxnResult,
  type Write,
} from '../store.ts';
import { WatchHub } from '../watch-hub.ts';
import { Commits } from './commits.ts';
import { StoreDatabase } from './database.ts';
import { loadHistory } from './load.ts';
import { RecentValues } from './recent-values.ts';
import { Room } from './room.ts';
import { CommittedState } from './state.ts';

export interface LmdbStoreOptions {
  /** The file; `-lock`, `-owner` and `-reserve` are put beside it. All are readable by the owner only. */
  readonly path: string;
  readonly clock: Clock;
  /** Bytes of versions that are no longer current, beyond which the oldest are forgotten (default 64 MiB). */
  readonly historyBytes?: number;
  /** Bytes of the newest values that stay in memory (default 16 MiB). */
  readonly cacheBytes?: number;
  /** Bytes of the disk that are kept for deletes when it is full (default 4 MiB; 0: none). */
  readonly reserveBytes?: number;
  /** Told when a commit fails; the store then takes no writes until `onRecovery`. */
  readonly onFailure?: (error: StoreFailedError) => void;
  /** Told when the store could be opened again and takes writes. */
  readonly onRecovery?: () => void;
}

const defaults = { historyBytes: 64 << 20, cacheBytes: 16 << 20, reserveBytes: 4 << 20 };

/** When a store that failed is opened again. */
const reopening = { initialMs: 1000, maximumMs: 10_000 };
/** Values read in one go by a range. */
const readAtOnce = { values: 256, bytes: 2 << 20 };

/** Opens or makes the store. Throws `StoreOpenError` where the file cannot be used. */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  const database = new StoreDatabase(options.path);
  try {
    return new LmdbStore(options, database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * A durable store in one LMDB file. Which versions there are is held in memory; values are read from the file. After a
 * failed commit the file is opened again until it takes writes; reads go on meanwhile.
 */
class LmdbStore implements Store {
  readonly #clock: Clock;
  readonly #onRecovery: () => void;
  readonly #database: StoreDatabase;
  readonly #history: History;
  readonly #hub: WatchHub;
  readonly #expiry: Expiry;
  readonly #room: Room;
  readonly #commits: Commits;
  /** Keys that expired while nothing could be written. */
  #overdue: { readonly key: string; readonly revision: Revision }[] = [];
  #recovering: Promise<void> | undefined;
  /** Set while the file is closed and opened again; ranges wait for it, and it for those under way. */
  #reopening: Promise<void> | undefined;
  readonly #ranges = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(options: LmdbStoreOptions, database: StoreDatabase) {
    const { path, clock, historyBytes, cacheBytes, reserveBytes, onFailure } = { ...defaults, ...options };
    this.#clock = clock;
    this.#onRecovery = options.onRecovery ?? (() => {});
    this.#database = database;
    this.#expiry = new Expiry(clock, (key, revision) => this.#expire(key, revision));
    this.#history = loadHistory(database, path, this.#expiry);
    this.#hub = new WatchHub(this.#history, this.#history.revision);
    this.#room = new Room(`${path}-reserve`, reserveBytes, () => database.freeBytes);
    const state = new CommittedState(this.#history, this.#hub, this.#expiry, new RecentValues(cacheBytes));
    this.#commits = new Commits({ clock, database, state, room: this.#room }, historyBytes, (failure) => {
      onFailure?.(failure);
      this.#recovering ??= this.#recover();
    });
  }

  async read(key: string, { at }: ReadOptions = {}) {
    this.#checkOpen();
    await this.#reopening;
    const revision = at ?? this.#history.revision;
    const version = this.#history.versionAt(key, revision);
    return { entry: version && this.#history.entry(version), revision };
  }

  async range(range: KeyRange, { at, limit }: RangeOptions = {}): Promise<Page> {
    this.#checkOpen();
    await this.#reopening;
    const revision = at ?? this.#history.revision;
    const { versions, remaining } = this.#history.range(range, at, limit);
    const entries = this.#entries(versions);
    this.#ranges.add(entries);
    try {
      return { entries: await entries, revision, remaining };
    } finally {
      this.#ranges.delete(entries);
    }
  }

  async txn(key: string, expected: Expected, write: Write): Promise<TxnResult> {
    this.#checkOpen();
    return this.#commits.txn(key, expected, write);
  }

  watch(prefix: string, options: { after: Revision; signal: AbortSignal }): AsyncIterable<StoreEvent> {
    return this.#hub.watch(prefix, options);
  }

  async compact(before: Revision): Promise<void> {
    this.#checkOpen();
    if (before > this.#history.revision) throw new FutureRevisionError(before, this.#history.revision);
    await this.#commits.compact(before);
  }

  async oldest(): Promise<Revision> {
    this.#checkOpen();
    return this.#history.oldest;
  }

  async grantLease(ttlMs: number): Promise<LeaseId> {
    this.#checkOpen();
    return leaseEndingIn(ttlMs, this.#clock);
  }

  size(): number {
    return this.#closing === undefined && this.#reopening === undefined ? this.#database.bytes : 0;
  }

  problem(): string | undefined {
    const { failure, hasRoom } = this.#commits;
    if (failure !== undefined) return failure.message;
    return hasRoom ? undefined : new StoreFullError().message;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#expiry[Symbol.dispose]();
    this.#stop.abort();
    await Promise.all([this.#commits.settled(), this.#recovering]);
    this.#hub.close(new StoreClosedError());
    await this.#database.close();
  }

  /** Opens the file again until a commit succeeds. */
  async #recover(): Promise<void> {
    const backoff = new Backoff(reopening);
    do {
      try {
        await this.#clock.sleep(backoff.next(), this.#stop.signal);
      } catch {
        return;
      }
      try {
        this.#room.releaseIfFull();
        await (this.#reopening = this.#reopen());
        await this.#commits.resume();
      } catch {
        // It is tried again; the reason shows as the store's problem.
      } finally {
        this.#reopening = undefined;
      }
    } while (this.#commits.failure !== undefined);
    this.#recovering = undefined;
    this.#onRecovery();
    for (const { key, revision } of this.#overdue.splice(0)) this.#expire(key, revision);
  }

  async #reopen(): Promise<void> {
    await Promise.allSettled(this.#ranges);
    await this.#database.reopen();
  }

  #expire(key: string, revision: Revision): void {
    // Who hears of failures hears of this one; it is tried again when the store could be opened again.
    this.txn(key, revision, { delete: true }).catch(() => this.#overdue.push({ key, revision }));
  }

  /** Reads values in slices with turns of the event loop between, all from one state of the file. */
  async #entries(versions: readonly Version[]): Promise<Entry[]> {
    const entries: Entry[] = [];
    let snapshot: ReturnType<StoreDatabase['snapshot']> | undefined;
    let left = { ...readAtOnce };
    try {
      for (const version of versions) {
        if (version.value === undefined) {
          if (left.values === 0 || left.bytes <= 0) {
            snapshot ??= this.#database.snapshot();
            await nextTurn();
            this.#checkOpen();
            left = { ...readAtOnce };
          }
          left.values--;
          left.bytes -= version.size;
        }
        const { key, created, modified } = version;
        const value = version.value ?? this.#database.value(modified, snapshot);
        entries.push({ key, value, created, modified });
      }
    } finally {
      snapshot?.done();
    }
    return entries;
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StoreClosedError();
  }
}
