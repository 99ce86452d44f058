import type { Clock } from '../base/clock.ts';
import type { KeyRange } from '../store/range.ts';
import { StoreAbove } from '../store/store-above.ts';
import type {
  Entry,
  Expected,
  Page,
  RangeOptions,
  ReadOptions,
  Revision,
  Store,
  TxnResult,
  Write,
} from '../store/store.ts';
import { Timings } from './timings.ts';

type StoreOperation = 'create' | 'delete' | 'get' | 'list' | 'update';

/** Upper bounds in seconds, those of Kubernetes for requests to etcd. */
const bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

/** What was asked of the store about the objects of one resource. */
export interface StoreTally {
  readonly operation: StoreOperation;
  /** `pods`, `deployments.apps`. */
  readonly resource: string;
  readonly timings: Timings;
  failed: number;
}

const afterRoot = '/registry/'.length;

/** A store that counts what is asked of it, and how long that takes. */
export class MeasuredStore extends StoreAbove {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #tallies: Readonly<Record<StoreOperation, Map<string, StoreTally>>> = {
    create: new Map(),
    delete: new Map(),
    get: new Map(),
    list: new Map(),
    update: new Map(),
  };

  constructor(store: Store, clock: Pick<Clock, 'monotonic'>) {
    super(store);
    this.#clock = clock;
  }

  get tallies(): readonly Readonly<StoreTally>[] {
    return Object.values(this.#tallies).flatMap((of) => [...of.values()]);
  }

  override read(key: string, options?: ReadOptions): Promise<{ entry: Entry | undefined; revision: Revision }> {
    return this.#measured('get', key, this.#clock.monotonic(), super.read(key, options));
  }

  override range(range: KeyRange, options?: RangeOptions): Promise<Page> {
    return this.#measured('list', range.start, this.#clock.monotonic(), super.range(range, options));
  }

  override txn(key: string, expected: Expected, write: Write): Promise<TxnResult> {
    const operation = 'delete' in write ? 'delete' : expected === 'absent' ? 'create' : 'update';
    return this.#measured(operation, key, this.#clock.monotonic(), super.txn(key, expected, write));
  }

  /** The very promise, so that nobody waits a turn longer. `began` was read before it was made. */
  #measured<T>(operation: StoreOperation, key: string, began: number, running: Promise<T>): Promise<T> {
    const tally = this.#tally(operation, key);
    const ended = (): void => tally.timings.add((this.#clock.monotonic() - began) / 1000);
    running.then(ended, () => {
      ended();
      tally.failed++;
    });
    return running;
  }

  #tally(operation: StoreOperation, key: string): StoreTally {
    const end = key.indexOf('/', afterRoot);
    const resource = key.slice(afterRoot, end < 0 ? undefined : end);
    const known = this.#tallies[operation].get(resource);
    if (known !== undefined) return known;
    const tally = { operation, resource, timings: new Timings(bounds), failed: 0 };
    this.#tallies[operation].set(resource, tally);
    return tally;
  }
}
