import type { KeyRange } from './range.ts';

/**
 * A point in the store's single history. Grows by one with every committed write; 0 is the empty store,
 * and the first write gets 1.
 */
export type Revision = number;

export interface Entry {
  readonly key: string;
  /** Owned by the store; must not be changed, may be kept. */
  readonly value: Uint8Array;
  readonly created: Revision;
  readonly modified: Revision;
}

/** What the key must look like for the write to happen; `undefined` accepts anything. */
export type Expected = 'absent' | Revision | undefined;

/** A lost race is an answer, not an exception: `current` is what the winner left (none if deleted). */
export type WriteResult =
  | { readonly committed: true; readonly revision: Revision; readonly previous: Entry | undefined }
  | { readonly committed: false; readonly revision: Revision; readonly current: Entry | undefined };

/** Why a write happened, as JSON-serialisable facts. See `Cause` in apimachinery; the store does not read it. */
export type CauseRecord = Readonly<Record<string, unknown>>;

export interface Change {
  readonly type: 'put' | 'delete';
  /** For a delete: the key, with the last value, and the delete's own revision as `modified`. */
  readonly entry: Entry;
  readonly previous: Entry | undefined;
  readonly cause: CauseRecord | undefined;
}

export type StoreEvent =
  /** All changes under the prefix of one or more consecutive revisions, ascending; `revision` is the last. */
  | { readonly type: 'changes'; readonly revision: Revision; readonly changes: readonly Change[] }
  /** Nothing under the prefix happened up to `revision`. */
  | { readonly type: 'progress'; readonly revision: Revision };

export interface Page {
  readonly entries: readonly Entry[];
  /** The revision that the page shows. */
  readonly revision: Revision;
  /** How many entries of the range follow the last one returned. */
  readonly remaining: number;
}

export interface ListOptions {
  readonly at?: Revision;
  /** The most entries to return; none or 0: all. */
  readonly limit?: number;
}

export interface DeleteOptions {
  readonly expected?: Expected;
  readonly cause?: CauseRecord;
}

export interface PutOptions extends DeleteOptions {
  /** Wall time in milliseconds; the key is deleted (with an event) after it. A later write without it lifts it. */
  readonly expiresAt?: number;
}

/**
 * An ordered, versioned map with etcd's semantics. All writes form one sequence; every reader sees a prefix of it.
 * Implementations pass `describeStoreContract` (contract.ts).
 */
export interface Store extends AsyncDisposable {
  /** The newest committed revision. */
  revision(): Revision;
  /** The oldest revision that can still be read or watched from. */
  oldest(): Revision;
  /** Reads `[start, end)` in key order as it was at `at` (default: now). Throws {@link CompactedError} if `at` is gone, {@link FutureRevisionError} if it has not happened. */
  list(range: KeyRange, options?: ListOptions): Promise<Page>;
  /**
   * Resolves after the write is durable. The store owns `value` from then on, and hands the very bytes to readers: the
   * caller must not change them, and should give them a buffer of their own, not a part of a shared one.
   */
  put(key: string, value: Uint8Array, options?: PutOptions): Promise<WriteResult>;
  /** Deleting an absent key writes nothing: it answers `committed: false, current: undefined`. */
  delete(key: string, options?: DeleteOptions): Promise<WriteResult>;
  /**
   * Yields every change under `prefix` after `after`, in order, none skipped or repeated, until `signal` aborts (then it
   * ends without an error). Only durable changes are shown. Throws {@link CompactedError} where history is gone,
   * {@link FutureRevisionError} if `after` has not happened, {@link StoreClosedError} when the store is closed.
   */
  watch(prefix: string, options: { after: Revision; signal: AbortSignal }): AsyncIterable<StoreEvent>;
  /** The cause recorded with the write that made `revision`, while that revision is kept. */
  causeOf(revision: Revision): Promise<CauseRecord | undefined>;
  /** Why the store does not take all writes now, as far as is known; `undefined` when it does. */
  problem(): string | undefined;
  /** Forgets history before `before`; the newest entry of each live key stays. `before` itself can still be read, and watched from. */
  compact(before: Revision): Promise<void>;
}

export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  readonly requested: Revision;
  readonly oldest: Revision;
  constructor(requested: Revision, oldest: Revision) {
    super(`Cannot read revision ${requested}: oldest kept revision is ${oldest}`);
    this.requested = requested;
    this.oldest = oldest;
  }
}

export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError';
  readonly requested: Revision;
  readonly newest: Revision;
  constructor(requested: Revision, newest: Revision) {
    super(`Cannot read revision ${requested}: newest revision is ${newest}`);
    this.requested = requested;
    this.newest = newest;
  }
}

/** The store was closed by its owner. */
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError';
  constructor() {
    super('The store is closed');
  }
}

/** A write cannot be done now. It can be tried again later; reads go on. */
export abstract class StoreUnavailableError extends Error {}

/** A commit failed, so nobody knows what the disk holds: the store takes no writes until it could be opened again. */
export class StoreFailedError extends StoreUnavailableError {
  override readonly name = 'StoreFailedError';
  constructor(cause: unknown) {
    super(
      `The store takes no more writes, because one failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** There is no room for more: the store takes deletes, and what is deleted makes room. */
export class StoreFullError extends StoreUnavailableError {
  override readonly name = 'StoreFullError';
  constructor() {
    super('The store takes nothing but deletes, because the disk is full');
  }
}
