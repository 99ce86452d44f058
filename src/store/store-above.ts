import type { KeyRange } from './range.ts';
import type {
  Entry,
  Expected,
  LeaseId,
  Page,
  RangeOptions,
  ReadOptions,
  Revision,
  Store,
  StoreEvent,
  TxnResult,
  Write,
} from './store.ts';

/** A store that passes all on to the one below; who adds something overrides what that is about. */
export class StoreAbove implements Store {
  readonly #below: Store;

  constructor(below: Store) {
    this.#below = below;
  }

  read(key: string, options?: ReadOptions): Promise<{ entry: Entry | undefined; revision: Revision }> {
    return this.#below.read(key, options);
  }

  range(range: KeyRange, options?: RangeOptions): Promise<Page> {
    return this.#below.range(range, options);
  }

  txn(key: string, expected: Expected, write: Write): Promise<TxnResult> {
    return this.#below.txn(key, expected, write);
  }

  watch(prefix: string, options: { after: Revision; signal: AbortSignal }): AsyncIterable<StoreEvent> {
    return this.#below.watch(prefix, options);
  }

  compact(before: Revision): Promise<void> {
    return this.#below.compact(before);
  }

  oldest(): Promise<Revision> {
    return this.#below.oldest();
  }

  grantLease(ttlMs: number): Promise<LeaseId> {
    return this.#below.grantLease(ttlMs);
  }

  problem(): string | undefined {
    return this.#below.problem();
  }

  size(): number {
    return this.#below.size();
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#below[Symbol.asyncDispose]();
  }
}
