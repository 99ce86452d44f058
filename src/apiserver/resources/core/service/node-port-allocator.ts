import type { Entry, Revision, Store } from '../../../../store/store.ts';
import { PortBitmap } from './port-bitmap.ts';

/** Where upstream keeps it too: a RangeAllocation that no API shows. */
const key = '/registry/ranges/servicenodeports';

interface Change {
  readonly apply: (ports: PortBitmap) => unknown;
  resolve(answer: any): void;
  reject(error: unknown): void;
}

/**
 * The node ports that Services have, in one stored object that is compared before it is written: so that several servers
 * can share it. Changes that come while one is being written go into the next.
 */
export class NodePortAllocator {
  readonly #store: Store;
  readonly #range: { readonly from: number; readonly to: number };
  /** As it was last seen; others may have changed it since. */
  #known: PortBitmap;
  #revision: Revision | 'absent' | 'unknown' = 'unknown';
  #changes: Change[] = [];
  #isRunning = false;

  constructor(store: Store, range: { readonly from: number; readonly to: number }) {
    this.#store = store;
    this.#range = range;
    this.#known = new PortBitmap(range);
  }

  /** Whether a port was free when this was last looked at. */
  isFree(port: number): boolean {
    return !this.#known.has(port);
  }

  /** Why a port cannot be given out, or `undefined`. */
  problem(port: number): string | undefined {
    if (port >= this.#range.from && port <= this.#range.to) return undefined;
    return `provided port is not in the valid range. The range of valid ports is ${this.#range.from}-${this.#range.to}`;
  }

  /**
   * Takes all of these ports, on disk when it resolves; or none of them: then it answers those that somebody has. Ports
   * outside the range are nobody's.
   */
  allocate(ports: readonly number[]): Promise<number[]> {
    return this.#change((bitmap) => {
      const taken = ports.filter((port) => bitmap.has(port));
      if (taken.length === 0) for (const port of ports) bitmap.add(port);
      return taken;
    });
  }

  release(ports: readonly number[]): Promise<void> {
    return this.#change((bitmap) => {
      for (const port of ports) bitmap.delete(port);
    });
  }

  /** Makes sure that these ports are taken; answers the others that are. */
  ensure(ports: Iterable<number>): Promise<number[]> {
    return this.#change((bitmap) => {
      const used = new Set(ports);
      for (const port of used) bitmap.add(port);
      return [...bitmap.ports()].filter((port) => !used.has(port));
    });
  }

  #change<T>(apply: (bitmap: PortBitmap) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#changes.push({ apply, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#changes.length > 0) {
      const changes = this.#changes.splice(0);
      try {
        await this.#write(changes);
      } catch (error) {
        this.#revision = 'unknown'; // it may be written or not
        for (const { reject } of changes) reject(error);
      }
    }
    this.#isRunning = false;
  }

  async #write(changes: readonly Change[]): Promise<void> {
    if (this.#revision === 'unknown') this.#see((await this.#store.read(key)).entry);
    for (;;) {
      const bitmap = this.#known.copy();
      const answers = changes.map(({ apply }) => apply(bitmap));
      const expected = this.#revision as Revision | 'absent';
      if (bitmap.equals(this.#known)) {
        // A refusal must come from what is there now.
        const { entry } = await this.#store.read(key);
        if ((entry?.modified ?? 'absent') === expected) return answer(changes, answers);
        this.#see(entry);
        continue;
      }
      const result = await this.#store.txn(key, expected, { put: bitmap.encode() });
      if (!result.committed) {
        this.#see(result.current);
        continue;
      }
      this.#known = bitmap;
      this.#revision = result.revision;
      return answer(changes, answers);
    }
  }

  #see(entry: Entry | undefined): void {
    this.#known = entry === undefined ? new PortBitmap(this.#range) : PortBitmap.decode(entry.value, this.#range);
    this.#revision = entry?.modified ?? 'absent';
  }
}

function answer(changes: readonly Change[], answers: readonly unknown[]): void {
  changes.forEach(({ resolve }, i) => resolve(answers[i]));
}
