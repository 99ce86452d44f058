import type { Clock } from '../../base/clock.ts';
import { Expiry } from '../expiry.ts';
import { isAsExpected } from '../expected.ts';
import { History, sizeOf, type Version } from '../history.ts';
import { endOfLease, leaseEndingIn } from '../lease.ts';
import { prefixRange, type KeyRange } from '../range.ts';
import {
  FutureRevisionError,
  StoreClosedError,
  type Expected,
  type LeaseId,
  type Page,
  type RangeOptions,
  type ReadOptions,
  type Revision,
  type Store,
  type StoreEvent,
  type TxnResult,
  type Write,
} from '../store.ts';
import { WatchHub } from '../watch-hub.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Bytes of versions that are no longer current, beyond which the oldest are forgotten (default 64 MiB). */
  readonly historyBytes?: number;
  /** The revision after one (default: one more). Others show that nobody counts on that. */
  readonly nextRevision?: (revision: Revision) => Revision;
}

const defaultHistoryBytes = 64 << 20;

/** Forgets at most so many writes beside one: more than it adds, so that the budget is reached. */
const forgottenPerWrite = 16;

/**
 * Keeps everything in memory. A write is committed and published within the call: nothing here waits for anything but
 * promises and the clock.
 */
export class MemoryStore implements Store {
  readonly #clock: Clock;
  readonly #historyBytes: number;
  readonly #nextRevision: (revision: Revision) => Revision;
  readonly #history: History;
  readonly #hub: WatchHub;
  readonly #expiry: Expiry;
  #closed = false;

  constructor({ clock, historyBytes, nextRevision }: MemoryStoreOptions) {
    this.#clock = clock;
    this.#historyBytes = historyBytes ?? defaultHistoryBytes;
    this.#nextRevision = nextRevision ?? ((revision) => revision + 1);
    this.#history = new History(0, valueMissing);
    this.#hub = new WatchHub(this.#history, 0);
    this.#expiry = new Expiry(clock, (key, expected) => void this.#write(key, expected, { delete: true }));
  }

  async read(key: string, { at = this.#history.revision }: ReadOptions = {}) {
    this.#checkOpen();
    const version = this.#history.versionAt(key, at);
    return { entry: version && this.#history.entry(version), revision: at };
  }

  async range(range: KeyRange, { at, limit }: RangeOptions = {}): Promise<Page> {
    this.#checkOpen();
    const { versions, remaining } = this.#history.range(range, at, limit);
    const entries = versions.map((version) => this.#history.entry(version));
    return { entries, revision: at ?? this.#history.revision, remaining };
  }

  async txn(key: string, expected: Expected, write: Write): Promise<TxnResult> {
    return this.#write(key, expected, write);
  }

  watch(prefix: string, options: { after: Revision; signal: AbortSignal }): AsyncIterable<StoreEvent> {
    return this.#hub.watch(prefix, options);
  }

  async compact(before: Revision): Promise<void> {
    this.#checkOpen();
    if (before > this.#history.revision) throw new FutureRevisionError(before, this.#history.revision);
    this.#history.forgetBefore(before, Infinity);
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
    const { versions } = this.#history.range(prefixRange(''), undefined, undefined);
    return versions.reduce((sum, { size }) => sum + size, 0);
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

  #write(key: string, expected: Expected, write: Write): TxnResult {
    this.#checkOpen();
    const history = this.#history;
    const current = history.current(key);
    const value = 'put' in write ? write.put : undefined;
    const ends = 'put' in write ? endOfLease(write.lease, this.#clock) : 0;
    const isPointless = value === undefined && current === undefined;
    if (isPointless || !isAsExpected(current, expected))
      return { committed: false, revision: history.revision, current: current && history.entry(current) };

    const revision = this.#nextRevision(history.revision);
    const version: Version = {
      key,
      created: value === undefined ? 0 : (current?.created ?? revision),
      modified: revision,
      deleted: value === undefined,
      ends,
      size: sizeOf(key, value?.length ?? 0),
      value,
      older: undefined,
    };
    history.append(version);
    this.#expiry.set(key, revision, ends);
    this.#hub.publish([history.change(version)], revision);
    history.forgetOver(this.#historyBytes, forgottenPerWrite);
    return { committed: true, revision };
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreClosedError();
  }
}

function valueMissing({ modified }: Version): never {
  throw new Error(`The value of revision ${modified} is missing`);
}
