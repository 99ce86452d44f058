import type { Clock } from '../../base/clock.ts';
import { nextTurn } from '../../base/turn.ts';
import { isAsExpected } from '../expected.ts';
import { sizeOf, type Version } from '../history.ts';
import { endOfLease } from '../lease.ts';
import {
  StoreFailedError,
  StoreFullError,
  type Expected,
  type Revision,
  type TxnResult,
  type Write,
} from '../store.ts';
import type { StoreDatabase } from './database.ts';
import { encodeRecord } from './record.ts';
import type { Room } from './room.ts';
import type { CommittedState } from './state.ts';

/** Bounds of one transaction, so that those in it do not wait for too many others. */
const mostPerCommit = { items: 1024, bytes: 16 << 20 };
const usualPutBytes = 128 << 10;
/** Writes forgotten beside one commit, besides two for each write in it. */
const forgottenPerCommit = 64;
/** Writes forgotten in one go by {@link Commits.compact}. */
const forgottenAtOnce = 500;

interface Waiting {
  resolve(result: TxnResult): void;
  reject(error: Error): void;
}
/** What waits for the next commit. */
type Item =
  | ({ readonly kind: 'write'; readonly version: Version; readonly record: Buffer } & Waiting)
  /** Lost against a write that is not on disk yet: it must not be answered before that. */
  | ({ readonly kind: 'refusal'; readonly key: string } & Waiting)
  | { readonly kind: 'forget'; readonly gone: readonly Version[]; resolve(): void; reject(error: Error): void };

/**
 * The writes of the store. They are checked against committed and pending state as they come, collected while the last
 * commit is being flushed, and go to disk together; only then does anybody learn of them.
 */
export class Commits {
  readonly #clock: Clock;
  readonly #historyBytes: number;
  readonly #database: StoreDatabase;
  readonly #state: CommittedState;
  readonly #room: Room;
  readonly #onFailure: (failure: StoreFailedError) => void;
  /** The newest version of each key that is not on disk yet. */
  readonly #pending = new Map<string, Version>();
  /** The newest revision given out. */
  #assigned: Revision;
  /** Where the file says that history begins. */
  #storedOldest: Revision;
  #items: Item[] = [];
  #bytesWaiting = 0;
  /** Versions whose removal from the file failed. */
  #owed: Version[] = [];
  #running: Promise<void> | undefined;
  #failure: StoreFailedError | undefined;

  constructor(
    parts: {
      readonly clock: Clock;
      readonly database: StoreDatabase;
      readonly state: CommittedState;
      readonly room: Room;
    },
    historyBytes: number,
    onFailure: (failure: StoreFailedError) => void,
  ) {
    this.#clock = parts.clock;
    this.#database = parts.database;
    this.#state = parts.state;
    this.#room = parts.room;
    this.#historyBytes = historyBytes;
    this.#onFailure = onFailure;
    this.#assigned = this.#state.history.revision;
    this.#storedOldest = this.#state.history.oldest;
  }

  /** Set from a failed commit to {@link resume}. */
  get failure(): StoreFailedError | undefined {
    return this.#failure;
  }

  /** Whether there is room for a put of a size that nobody wonders about. */
  get hasRoom(): boolean {
    return this.#room.holds(this.#bytesWaiting + usualPutBytes);
  }

  /** Resolves when all that waits now is done, one way or the other. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async txn(key: string, expected: Expected, write: Write): Promise<TxnResult> {
    this.#checkWritable();
    const { history } = this.#state;
    const pending = this.#pending.get(key);
    const newest = pending ?? history.current(key);
    const current = newest?.deleted ? undefined : newest;
    const value = 'put' in write ? write.put : undefined;
    const ends = 'put' in write ? endOfLease(write.lease, this.#clock) : 0;
    const isPointless = value === undefined && current === undefined;
    if (isPointless || !isAsExpected(current, expected)) {
      if (pending === undefined) return this.#state.refusal(key);
      return new Promise((resolve, reject) => this.#enqueue({ kind: 'refusal', key, resolve, reject }));
    }
    const modified = this.#assigned + 1;
    const version: Version = {
      key,
      created: value === undefined ? 0 : (current?.created ?? modified),
      modified,
      deleted: value === undefined,
      ends,
      size: sizeOf(key, value?.length ?? 0),
      value,
      older: undefined,
    };
    if (value !== undefined && !this.#room.holds(this.#bytesWaiting + version.size)) {
      this.#forgetAll();
      throw new StoreFullError();
    }
    const record = encodeRecord(version);
    this.#bytesWaiting += version.size;
    this.#assigned = modified;
    this.#pending.set(key, version);
    return new Promise((resolve, reject) => this.#enqueue({ kind: 'write', version, record, resolve, reject }));
  }

  /** Forgets what was before a revision that has happened. */
  async compact(before: Revision): Promise<void> {
    for (let isDone = false; !isDone;) {
      this.#checkWritable();
      const step = this.#state.history.forgetBefore(before, forgottenAtOnce);
      isDone = step.isDone;
      await new Promise<void>((resolve, reject) => this.#enqueue({ kind: 'forget', gone: step.gone, resolve, reject }));
    }
  }

  /**
   * Goes on after a failure, with a file that was opened anew. What the failed commit brought to the disk after all has
   * happened: everybody sees it, though nobody was told. Throws where a commit fails again.
   */
  async resume(): Promise<void> {
    const { history } = this.#state;
    this.#state.publish([...this.#database.versions(history.revision)]);
    this.#assigned = history.revision;
    const { oldest } = history;
    try {
      await this.#database.commit([], this.#owed, oldest, this.#clock.now());
    } catch (error) {
      throw (this.#failure = new StoreFailedError(error));
    }
    this.#storedOldest = oldest;
    this.#owed = [];
    this.#failure = undefined;
    if (this.#room.isTight) this.#forgetAll();
  }

  #enqueue(item: Item): void {
    this.#items.push(item);
    this.#running ??= this.#commitAll();
  }

  /** Commits until nothing waits. Starts a turn late, so that what comes together is committed together. */
  async #commitAll(): Promise<void> {
    await nextTurn();
    while (this.#items.length > 0) {
      const items = this.#takeItems();
      try {
        await this.#store(items);
        this.#answer(items);
      } catch (error) {
        this.#fail(error, items);
      }
    }
    this.#running = undefined;
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
    const { history } = this.#state;
    const writes = items.filter((item) => item.kind === 'write');
    const gone = this.#owed;
    for (const item of items) if (item.kind === 'forget') gone.push(...item.gone);
    const budget = this.#room.isTight ? 0 : this.#historyBytes;
    gone.push(...history.forgetOver(budget, forgottenPerCommit + 2 * writes.length));
    const { oldest } = history;
    const isMoved = oldest !== this.#storedOldest;
    if (writes.length === 0 && !isMoved) return;
    const bytes = writes.reduce((sum, { version }) => sum + (version.deleted ? 0 : version.size), 0);
    if (bytes > 0 && !this.#room.isOnDisk(bytes))
      throw Object.assign(new Error('No space left on device'), { code: 'ENOSPC' });
    await this.#database.commit(writes, gone, isMoved ? oldest : undefined);
    this.#storedOldest = oldest;
    this.#owed = [];
  }

  /** What is on disk becomes visible to readers, then to watchers, then to those who wrote it. */
  #answer(items: readonly Item[]): void {
    const versions: Version[] = [];
    for (const item of items) {
      if (item.kind !== 'write') continue;
      const { version } = item;
      this.#bytesWaiting -= version.size;
      if (this.#pending.get(version.key) === version) this.#pending.delete(version.key);
      versions.push(version);
    }
    this.#state.publish(versions);
    for (const item of items) {
      if (item.kind === 'forget') item.resolve();
      else if (item.kind === 'refusal') item.resolve(this.#state.refusal(item.key));
      else item.resolve({ committed: true, revision: item.version.modified });
    }
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
  }

  /** History is the first that may go where there is no room. */
  #forgetAll(): void {
    const { oldest, revision } = this.#state.history;
    if (oldest < revision) this.compact(revision).catch(() => {});
  }

  #checkWritable(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
