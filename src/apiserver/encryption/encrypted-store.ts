import type {
  Change,
  Entry,
  Expected,
  Page,
  RangeOptions,
  ReadOptions,
  Revision,
  Store,
  StoreEvent,
  TxnResult,
  Write,
} from '../../store/store.ts';
import type { KeyRange } from '../../store/range.ts';
import { StoreAbove } from '../../store/store-above.ts';
import { refused } from '../../apimachinery/status.ts';
import { isEncrypted } from './identity.ts';
import type { Transformer } from './transformer.ts';
import { markUnreadable } from './unreadable.ts';

/** Finds the transformer of what is stored under a key; `undefined`: it is stored as it is. */
export type TransformerOf = (key: string) => Transformer | undefined;

/**
 * A store that holds values in the form of their transformers, and whose readers see them clear. What cannot be read is
 * handed on as it is stored, and marked. All that the store below keeps and writes, its history included, is encrypted.
 */
export class EncryptedStore extends StoreAbove {
  readonly #transformerOf: TransformerOf;
  /** What this process has encrypted, clear: for as long as the store below holds on to its bytes. */
  readonly #clear = new WeakMap<Uint8Array, Uint8Array>();

  /** Events that several watchers see. */
  readonly #events = new WeakMap<StoreEvent, StoreEvent | Promise<StoreEvent>>();

  constructor(store: Store, transformerOf: TransformerOf) {
    super(store);
    this.#transformerOf = transformerOf;
  }

  /** Whether a write of the same value would store it in another form. */
  async isStale(key: string): Promise<boolean> {
    const transformer = this.#transformerOf(key);
    if (transformer === undefined) return false;
    const { entry } = await super.read(key);
    if (entry === undefined) return false;
    return (await transformer.fromStorage(entry.value, key)).isStale;
  }

  override async read(key: string, options?: ReadOptions): Promise<{ entry: Entry | undefined; revision: Revision }> {
    const { entry, revision } = await super.read(key, options);
    return { entry: entry && (await this.#read(entry)), revision };
  }

  override async range(range: KeyRange, options?: RangeOptions): Promise<Page> {
    const page = await super.range(range, options);
    const entries = this.#readAll(page.entries);
    return { ...page, entries: entries instanceof Promise ? await entries : entries };
  }

  override async txn(key: string, expected: Expected, write: Write): Promise<TxnResult> {
    const result = await super.txn(key, expected, 'put' in write ? this.#encrypted(key, write) : write);
    if (result.committed || result.current === undefined) return result;
    return { ...result, current: await this.#read(result.current) };
  }

  override async *watch(prefix: string, options: { after: Revision; signal: AbortSignal }): AsyncIterable<StoreEvent> {
    for await (const event of super.watch(prefix, options)) {
      const read = event.type === 'changes' ? this.#readEvent(event) : event;
      yield read instanceof Promise ? await read : read;
    }
  }

  #encrypted(key: string, write: Extract<Write, { put: Uint8Array }>): Write {
    const transformer = this.#transformerOf(key);
    if (transformer === undefined) return write;
    const stored = encrypted(transformer, write.put, key);
    if (stored !== write.put) this.#clear.set(stored, write.put);
    return { ...write, put: stored };
  }

  #readEvent(event: Extract<StoreEvent, { type: 'changes' }>): StoreEvent | Promise<StoreEvent> {
    const known = this.#events.get(event);
    if (known !== undefined) return known;
    const changes = this.#readAll(event.changes);
    if (changes === event.changes) return event;
    const read =
      changes instanceof Promise ? changes.then((all) => ({ ...event, changes: all })) : { ...event, changes };
    this.#events.set(event, read);
    return read;
  }

  /** Without a promise, and the very list, where there is nothing to decrypt. */
  #readAll<T extends Entry | Change>(items: readonly T[]): readonly T[] | Promise<readonly T[]> {
    const first = items.findIndex((item) => 'value' in item && isEncrypted(item.value));
    return first < 0 ? items : this.#readFrom(items, first);
  }

  /** Without a promise where no transformer has to wait. */
  #readFrom<T extends Entry | Change>(items: readonly T[], first: number): readonly T[] | Promise<readonly T[]> {
    const read = items.slice(0, first);
    const waits: Promise<void>[] = [];
    for (let at = first; at < items.length; at++) {
      const item = items[at]!;
      const clear = 'value' in item ? this.#read(item) : item;
      if (clear instanceof Promise) waits.push(clear.then((one) => void (read[at] = one as T)));
      else read[at] = clear as T;
    }
    return waits.length === 0 ? read : Promise.all(waits).then(() => read);
  }

  #read<T extends Entry>(entry: T): T | Promise<T> {
    const { key, value } = entry;
    if (!isEncrypted(value)) return entry;
    const known = this.#clear.get(value);
    if (known !== undefined) return { ...entry, value: known };
    const unreadable = (error: unknown): T => {
      markUnreadable(value, error);
      return entry;
    };
    const transformer = this.#transformerOf(key);
    if (transformer === undefined) return entry;
    try {
      const clear = transformer.fromStorage(value, key);
      if (!(clear instanceof Promise)) return { ...entry, value: clear.bytes };
      return clear.then(({ bytes }) => ({ ...entry, value: bytes }), unreadable);
    } catch (error) {
      return unreadable(error);
    }
  }
}

/** Throws InternalError where it cannot be encrypted now. */
function encrypted(transformer: Transformer, clear: Uint8Array, key: string): Uint8Array {
  try {
    return transformer.toStorage(clear, key);
  } catch (error) {
    throw refused.internal(error instanceof Error ? error.message : String(error));
  }
}
