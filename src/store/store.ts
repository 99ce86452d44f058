import type { KeyRange } from './range.ts';

/**
 * A point in the store's single history. Grows with every committed write, not always by one, and never goes back. The
 * store of a new cluster is at some revision of its own.
 */
export type Revision = number;

export interface Entry {
  readonly key: string;
  /** Owned by the store; must not be changed, may be kept. */
  readonly value: Uint8Array;
  readonly created: Revision;
  readonly modified: Revision;
}

/** What the key must look like for the write to happen: not there, last modified at a revision, or as it may be. */
export type Expected = 'absent' | Revision | 'any';

/** A lease as its store knows it. */
export type LeaseId = string;

/**
 * Put: the store owns the bytes from then on, and hands the very same to readers; the caller must not change them, and
 * should give them a buffer of their own, not a part of a shared one. With a lease the entry is deleted (with an event)
 * when that ends; a later put without it lifts that.
 */
export type Write = { readonly put: Uint8Array; readonly lease?: LeaseId } | { readonly delete: true };

/** A lost race is an answer, not an exception: `current` is what the winner left (none if deleted). */
export type TxnResult =
  | { readonly committed: true; readonly revision: Revision }
  | { readonly committed: false; readonly revision: Revision; readonly current: Entry | undefined };

/** What one write made of one key. What the key was before is not told: who needs that keeps it. */
export type Change =
  | ({ readonly type: 'put' } & Entry)
  | { readonly type: 'delete'; readonly key: string; readonly modified: Revision };

export type StoreEvent =
  /** All changes under the prefix of one or more revisions, ascending; `revision` is the last that is told of. */
  | { readonly type: 'changes'; readonly revision: Revision; readonly changes: readonly Change[] }
  /** Nothing more under the prefix happened up to `revision`. */
  | { readonly type: 'progress'; readonly revision: Revision };

export interface Page {
  readonly entries: readonly Entry[];
  /** The revision that the page shows. */
  readonly revision: Revision;
  /** How many entries of the range follow the last one returned. */
  readonly remaining: number;
}

export interface ReadOptions {
  /** Default: now. */
  readonly at?: Revision;
}

export interface RangeOptions extends ReadOptions {
  /** The most entries to return; none or 0: all. */
  readonly limit?: number;
}

/**
 * An ordered, versioned map with etcd's semantics, and nothing that etcd could not do as well. All writes form one
 * sequence; every reader sees a prefix of it. Implementations pass `describeStoreContract` (contract.ts).
 */
export interface Store extends AsyncDisposable {
  /** The entry of one key, and the revision at which it was looked up. Throws as {@link range}. */
  read(key: string, options?: ReadOptions): Promise<{ readonly entry: Entry | undefined; readonly revision: Revision }>;
  /**
   * Reads `[start, end)` in key order, as it was at one revision. Throws {@link CompactedError} if that is gone,
   * {@link FutureRevisionError} if it has not happened.
   */
  range(range: KeyRange, options?: RangeOptions): Promise<Page>;
  /**
   * Writes one key if it is as expected; resolves after the write is durable. Deleting an absent key writes nothing: it
   * answers `committed: false, current: undefined`. Throws {@link LeaseNotFoundError} where the lease has ended,
   * {@link StoreUnavailableError} where the write cannot be done now. After an error of the second kind nobody knows
   * whether it was done.
   */
  txn(key: string, expected: Expected, write: Write): Promise<TxnResult>;
  /**
   * Yields every change under `prefix` after `after`, in order, none skipped or repeated, until `signal` aborts (then it
   * ends without an error). Only durable changes are shown. Throws {@link CompactedError} where history is gone,
   * {@link FutureRevisionError} if `after` has not happened, {@link StoreClosedError} when the store is closed.
   */
  watch(prefix: string, options: { after: Revision; signal: AbortSignal }): AsyncIterable<StoreEvent>;
  /**
   * Forgets history before `before`; the newest entry of each live key stays. `before` itself can still be read, and
   * watched from. Where more is forgotten already nothing happens.
   */
  compact(before: Revision): Promise<void>;
  /** The oldest revision that can still be read and watched from. */
  oldest(): Promise<Revision>;
  /** Makes a lease that ends in `ttlMs`; a store may round that up to whole seconds. */
  grantLease(ttlMs: number): Promise<LeaseId>;
  /** Why the store does not take all writes now, as far as is known; `undefined` when it does. */
  problem(): string | undefined;
  /** Bytes of the file, or of what is kept in memory. */
  size(): number;
}

export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  readonly requested: Revision;
  /** Always told by a watch; by a read where the store knows it. */
  readonly oldest: Revision | undefined;
  constructor(requested: Revision, oldest: Revision | undefined) {
    const kept = oldest === undefined ? 'it is compacted' : `oldest kept revision is ${oldest}`;
    super(`Cannot read revision ${requested}: ${kept}`);
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

/** A put names a lease that was never granted or has ended. */
export class LeaseNotFoundError extends Error {
  override readonly name = 'LeaseNotFoundError';
  constructor(lease: LeaseId) {
    super(`Cannot put under lease ${JSON.stringify(lease)}: it is not known, or has ended`);
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
