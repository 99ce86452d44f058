import type { Revision } from '../../store/store.ts';
import type { ObjectChange } from './change.ts';

/** What a change takes besides the bytes of its object, about. */
const changeOverhead = 512;

/**
 * The last changes of a kind, shared by all who watch it: each has a position, and a watcher that is behind is nothing but
 * the position up to which it has come. The owner bounds it by bytes and age.
 */
export class Window {
  #changes: ObjectChange[] = [];
  /** Milliseconds of a monotonic clock, of each change. */
  #times: number[] = [];
  /** The first places of the arrays that are empty. */
  #gone = 0;
  #first = 0;
  #bytes = 0;
  #from: Revision;

  /** All changes after the revision `from` will be pushed. */
  constructor(from: Revision) {
    this.#from = from;
  }

  /** Position of the oldest change. */
  get first(): number {
    return this.#first;
  }

  /** Position of the next change to come. */
  get end(): number {
    return this.#first + this.#changes.length - this.#gone;
  }

  /** The changes after this revision are all here. */
  get from(): Revision {
    return this.#from;
  }

  /** What the changes keep in memory, about. */
  get bytes(): number {
    return this.#bytes;
  }

  at(position: number): ObjectChange {
    return this.#changes[position - this.#first + this.#gone]!;
  }

  /** Takes the next change, which gets the position {@link end}. */
  push(change: ObjectChange, time: number): void {
    change.position = this.end;
    this.#changes.push(change);
    this.#times.push(time);
    this.#bytes += sizeOf(change);
  }

  /** Position of the first change after `revision`; `undefined` when older ones are missing. */
  after(revision: Revision): number | undefined {
    if (revision < this.#from) return undefined;
    let low = this.#first;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets the oldest changes until at most `bytes` are kept, and none from before `time`. Answers whether any went. */
  trim(bytes: number, time: number): boolean {
    const before = this.#first;
    while (this.#gone < this.#changes.length && (this.#bytes > bytes || this.#times[this.#gone]! < time)) {
      const change = this.#changes[this.#gone]!;
      this.#changes[this.#gone] = undefined as never;
      this.#bytes -= sizeOf(change);
      this.#from = change.revision;
      this.#gone++;
      this.#first++;
    }
    if (this.#gone > 64 && this.#gone * 2 > this.#changes.length) {
      this.#changes = this.#changes.slice(this.#gone);
      this.#times = this.#times.slice(this.#gone);
      this.#gone = 0;
    }
    return this.#first > before;
  }

  /** Forgets all; only what happens after `from` can be told from now on. */
  clear(from: Revision): void {
    this.#first = this.end;
    this.#changes = [];
    this.#times = [];
    this.#gone = 0;
    this.#bytes = 0;
    this.#from = from;
  }
}

function sizeOf({ now }: ObjectChange): number {
  return now.stored.length + changeOverhead;
}
