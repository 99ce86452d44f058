import { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { nextTurn } from '../../base/turn.ts';
import { keepBudget, type HistoryBudget } from '../budget.ts';
import { isAsExpected } from '../expected.ts';
import { Expiry, expired } from '../expiry.ts';
import { sizeOf, type History, type Version } from '../history.ts';
import type { KeyRange } from '../range.ts';
import {
  FutureRevisionError,
  StoreClosedError,
  StoreFailedError,
  StoreFullError,
  type CauseRecord,
  type Change,
  type DeleteOptions,
  type Entry,
  type ListOptions,
  type Page,
  type PutOptions,
  type Revision,
  type Store,
  type StoreEvent,
  type WriteResult,
} from '../store.ts';
import { WatchHub } from '../watch-hub.ts';
import { StoreDatabase } from './database.ts';
import { loadHistory } from './load.ts';
import { RecentValues } from './recent-values.ts';
import { encodeRecord } from './record.ts';
import { Reserve } from './reserve.ts';

export interface LmdbStoreOptions {
  /** The file; `-lock` is put beside it. Both are readable by the owner only. */
  readonly path: string;
  readonly clock: Clock;
  /** Defaults: 64 MiB, 24 hours. */
  readonly history?: Partial<HistoryBudget>;
  /** Bytes of the newest values that stay in memory (default 16 MiB). */
  readonly cacheBytes?: number;
  /** Bytes of the disk that are kept for deletes when it is full (default 4 MiB); in a file beside the store. */
  readonly reserveBytes?: number;
  /** Told when a commit fails; the store then takes no writes until {@link onRecovery}. */
  readonly onFailure?: (error: StoreFailedError) => void;
  /** Told when the store could be opened again and takes writes. */
  readonly onRecovery?: () => void;
}

const defaultBudget: HistoryBudget = { bytes: 64 << 20, ageMs: 24 * 3_600_000 };
const defaultCacheBytes = 16 << 20;
const defaultReserveBytes = 4 << 20;

/** When a store that failed is opened again. */
const reopening = { initialMs: 1000, maximumMs: 10_000 };
/** Bytes that a put takes in the file besides two times its own: pages of the trees on the way to it. */
const bytesAroundPut = 128 << 10;

/** Bounds of one transaction, so that those in it do not wait for too many others. */
const mostPerCommit = { items: 1024, bytes: 16 << 20 };
/** Revisions forgotten beside one commit, besides two for each write in it. */
const forgottenPerCommit = 64;
/** Revisions forgotten in one go by {@link LmdbStore.compact}. */
const forgottenAtOnce = 500;
/** Values read in one go by a list. */
const readAtOnce = { values: 256, bytes: 2 << 20 };

interface Waiting {
  resolve(result: WriteResult): void;
  reject(error: Error): void;
}
/** What waits for the next commit. */
type Item =
  | ({ readonly kind: 'write'; readonly version: Version; readonly record: Buffer } & Waiting)
  /** Lost against a write that is not on disk yet: it must not be answered before that. */
  | ({ readonly kind: 'refusal'; readonly key: string } & Waiting)
  | { readonly kind: 'forget'; readonly gone: readonly Version[]; resolve(): void; reject(error: Error): void };

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
 * A durable store in one LMDB file. Which versions there are is held in memory; values are read from the file. Writes
 * are checked against committed and pending state as they come, collected while the last commit is being flushed, and
 * go to disk together; only then do history, watchers and writers learn of them.
 */
class LmdbStore implements Store {
  readonly #clock: Clock;
  readonly #budget: HistoryBudget;
  readonly #onFailure: (error: StoreFailedError) => void;
  readonly #onRecovery: () => void;
  readonly #reserve: Reserve;
  readonly #database: StoreDatabase;
  readonly #history: History;
  readonly #hub: WatchHub;
  readonly #expiry: Expiry;
  readonly #recent: RecentValues;
  /** The newest version of each key that is not on disk yet. */
  readonly #pending = new Map<string, Version>();
  /** The newest revision given out. */
  #assigned: Revision;
  /** Where the file says that history begins. */
  #storedOldest: Revision;
  #items: Item[] = [];
  #committing: Promise<void> | undefined;
  #bytesWaiting = 0;
  #failure: StoreFailedError | undefined;
  /** Versions whose removal from the file failed. */
  #owed: Version[] = [];
  /** Keys that expired while nothing could be written. */
  #overdue: { readonly key: string; readonly revision: Revision }[] = [];
  #recovering: Promise<void> | undefined;
  #forgetting: Promise<void> | undefined;
  /** Set while the file is closed and opened again; lists wait for it, and it for those under way. */
  #reopening: Promise<void> | undefined;
  readonly #lists = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(options: LmdbStoreOptions, database: StoreDatabase) {
    this.#clock = options.clock;
    this.#budget = { ...defaultBudget, ...options.history };
    this.#onFailure = options.onFailure ?? (() => {});
    this.#onRecovery = options.onRecovery ?? (() => {});
    this.#reserve = new Reserve(`${options.path}-reserve`, options.reserveBytes ?? defaultReserveBytes);
    this.#reserve.take();
    this.#recent = new RecentValues(options.cacheBytes ?? defaultCacheBytes);
    this.#database = database;
    this.#expiry = new Expiry(options.clock, (key, revision) => this.#expire(key, revision));
    this.#history = loadHistory(database, options.path, this.#expiry);
    this.#assigned = this.#history.revision;
    this.#storedOldest = this.#history.oldest;
    this.#hub = new WatchHub(this.#history, this.#history.revision);
  }

  revision(): Revision {
    return this.#history.revision;
  }

  oldest(): Revision {
    return this.#history.oldest;
  }

  async list(range: KeyRange, { at, limit }: ListOptions = {}): Promise<Page> {
    this.#checkOpen();
    await this.#reopening;
    const revision = at ?? this.#history.revision;
    const { versions, remaining } = this.#history.list(range, at, limit);
    const entries = this.#entries(versions);
    this.#lists.add(entries);
    try {
      return { entries: await entries, revision, remaining };
    } finally {
      this.#lists.delete(entries);
    }
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
    this.#checkOpen();
    return revision > this.#history.revision ? undefined : this.#database.cause(revision);
  }

  async compact(before: Revision): Promise<void> {
    this.#checkOpen();
    if (before > this.revision()) throw new FutureRevisionError(before, this.revision());
    while (this.#history.oldest < before) {
      this.#checkWritable();
      const gone: Version[] = [];
      for (let step = 0; step < forgottenAtOnce && this.#history.oldest < before; step++)
        gone.push(...this.#history.forgetOldest());
      await new Promise<void>((resolve, reject) => this.#enqueue({ kind: 'forget', gone, resolve, reject }));
    }
  }

  problem(): string | undefined {
    if (this.#failure !== undefined) return this.#failure.message;
    return this.#hasRoomFor(0) ? undefined : new StoreFullError().message;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#expiry[Symbol.dispose]();
    this.#stop.abort();
    await Promise.all([this.#committing, this.#recovering, this.#forgetting]);
    this.#hub.close(new StoreClosedError());
    await this.#database.close();
  }

  async #write(
    key: string,
    value: Uint8Array | undefined,
    expiresAt: number,
    { expected, cause }: DeleteOptions,
  ): Promise<WriteResult> {
    this.#checkWritable();
    const pending = this.#pending.get(key);
    const newest = pending ?? this.#history.current(key);
    const current = newest?.deleted ? undefined : newest;
    const pointless = value === undefined && current === undefined;
    if (pointless || !isAsExpected(current, expected)) {
      if (pending === undefined) return this.#refusal(key);
      return new Promise((resolve, reject) => this.#enqueue({ kind: 'refusal', key, resolve, reject }));
    }
    const modified = this.#assigned + 1;
    const version: Version = {
      key,
      created: value === undefined ? 0 : (current?.created ?? modified),
      modified,
      deleted: value === undefined,
      time: this.#clock.now(),
      expiresAt,
      size: sizeOf(key, value?.length ?? 0),
      value,
      cause,
      older: undefined,
    };
    if (value !== undefined && !this.#hasRoomFor(version.size)) {
      this.#forgetAll();
      throw new StoreFullError();
    }
    const record = encodeRecord(version, cause);
    this.#bytesWaiting += version.size;
    this.#assigned = modified;
    this.#pending.set(key, version);
    return new Promise((resolve, reject) => this.#enqueue({ kind: 'write', version, record, resolve, reject }));
  }

  #enqueue(item: Item): void {
    this.#items.push(item);
    this.#committing ??= this.#commitAll();
  }

  /** Commits until nothing waits. Starts a turn late, so that what comes together is committed together. */
  async #commitAll(): Promise<void> {
    await nextTurn();
    while (this.#items.length > 0) {
      const items = this.#takeItems();
      try {
        await this.#store(items);
        this.#publish(items);
      } catch (error) {
        this.#fail(error, items);
      }
    }
    this.#committing = undefined;
  }

  #takeItems(): Item[] {
    let count = 0;
    let bytes = 0;
    while (count < Math.min(this.#items.length, mostPerCommit.items) && bytes < mostPerCommit.bytes) {
      const item = this.#items[count++]!;
      if (item.kind === 'write') bytes += item.version.size;
    }
    if (count < this.#items.length) return this.#items.splice(0, count);
    const items = this.#items;
    this.#items = [];
    return items;
  }

  async #store(items: readonly Item[]): Promise<void> {
    const writes = items.filter((item) => item.kind === 'write');
    const gone = this.#owed;
    gone.push(...items.flatMap((item) => (item.kind === 'forget' ? item.gone : [])));
    const budget = this.#isTight ? { ...this.#budget, bytes: 0 } : this.#budget;
    gone.push(...keepBudget(this.#history, budget, this.#clock.now(), forgottenPerCommit + 2 * writes.length));
    const { oldest } = this.#history;
    const moved = oldest !== this.#storedOldest;
    if (writes.length === 0 && !moved) return;
    await this.#database.commit(writes, gone, moved ? oldest : undefined);
    this.#storedOldest = oldest;
    this.#owed = [];
  }

  /** What is on disk becomes visible to readers, then to watchers, then to those who wrote it. */
  #publish(items: readonly Item[]): void {
    const changes: Change[] = [];
    for (const item of items) {
      if (item.kind !== 'write') continue;
      const { version } = item;
      this.#bytesWaiting -= version.size;
      if (this.#pending.get(version.key) === version) this.#pending.delete(version.key);
      changes.push(this.#append(version));
    }
    if (changes.length > 0) this.#hub.publish(changes, this.#history.revision);
    let written = 0;
    for (const item of items) {
      if (item.kind === 'forget') item.resolve();
      else if (item.kind === 'refusal') item.resolve(this.#refusal(item.key));
      else {
        this.#recent.add(item.version);
        item.resolve({ committed: true, revision: item.version.modified, previous: changes[written++]!.previous });
      }
    }
  }

  #refusal(key: string): WriteResult {
    const current = this.#history.current(key);
    return { committed: false, revision: this.#history.revision, current: current && this.#history.entry(current) };
  }

  #append(version: Version): Change {
    this.#history.append(version);
    this.#expiry.set(version.key, version.modified, version.expiresAt);
    return this.#history.change(version);
  }

  /** Nobody knows what of the failed commit is on disk, so nothing may be built on it until the file was read again. */
  #fail(error: unknown, items: readonly Item[]): void {
    const failure = (this.#failure = new StoreFailedError(error));
    const all = [...items, ...this.#items];
    this.#items = [];
    this.#pending.clear();
    this.#bytesWaiting = 0;
    for (const item of all) {
      if (item.kind === 'forget') this.#owed.push(...item.gone);
      item.reject(failure);
    }
    this.#onFailure(failure);
    this.#recovering ??= this.#recover();
  }

  /** Opens the file again until a commit succeeds. */
  async #recover(): Promise<void> {
    const backoff = new Backoff(reopening);
    while (this.#failure !== undefined) {
      try {
        await this.#clock.sleep(backoff.next(), this.#stop.signal);
      } catch {
        return;
      }
      try {
        if (this.#reserve.diskBytes < this.#reserve.bytes) this.#reserve.release();
        await (this.#reopening = this.#reopen());
        const { oldest } = this.#history;
        await this.#database.commit([], this.#owed, oldest, this.#clock.now());
        this.#storedOldest = oldest;
        this.#owed = [];
        this.#failure = undefined;
      } catch (error) {
        this.#failure = new StoreFailedError(error);
      } finally {
        this.#reopening = undefined;
      }
    }
    this.#recovering = undefined;
    this.#onRecovery();
    for (const { key, revision } of this.#overdue.splice(0)) this.#expire(key, revision);
    if (this.#isTight) this.#forgetAll();
  }

  /** What the failed commit brought to the disk after all has happened: everybody sees it, though nobody was told. */
  async #reopen(): Promise<void> {
    await Promise.allSettled(this.#lists);
    await this.#database.reopen();
    const changes = Array.from(this.#database.versions(this.#history.revision), (version) => this.#append(version));
    this.#assigned = this.#history.revision;
    if (changes.length > 0) this.#hub.publish(changes, this.#history.revision);
  }

  /** The disk is full, or was when it was last looked at: history is the first that may go. */
  get #isTight(): boolean {
    return this.#reserve.bytes > 0 && !this.#reserve.isThere;
  }

  #forgetAll(): void {
    if (this.#history.oldest === this.#history.revision) return;
    this.#forgetting ??= this.compact(this.#history.revision)
      .catch(() => {})
      .finally(() => (this.#forgetting = undefined));
  }

  /** Whether a put of so many bytes leaves enough for deletes. */
  #hasRoomFor(bytes: number): boolean {
    if (!this.#isTight) return true;
    this.#reserve.take();
    if (!this.#isTight) return true;
    const room = this.#database.freeBytes + this.#reserve.diskBytes - this.#reserve.bytes;
    return 2 * (this.#bytesWaiting + bytes) + bytesAroundPut <= room;
  }

  #expire(key: string, revision: Revision): void {
    // Who hears of failures hears of this one; it is tried again when the store could be opened again.
    this.delete(key, { expected: revision, cause: expired }).catch(() => this.#overdue.push({ key, revision }));
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

  #checkWritable(): void {
    this.#checkOpen();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StoreClosedError();
  }
}
