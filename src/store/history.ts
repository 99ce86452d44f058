import { OrderedMap } from '../base/ordered-map.ts';
import type { KeyRange } from './range.ts';
import {
  CompactedError,
  FutureRevisionError,
  type Change,
  type Entry,
  type Revision,
  type StoreEvent,
} from './store.ts';

/** What one write made of one key. */
export interface Version {
  readonly key: string;
  /** The revision at which the key came to be; 0 for a delete. */
  readonly created: Revision;
  /** The revision of this write. */
  readonly modified: Revision;
  /** The write deleted the key. */
  readonly deleted: boolean;
  /** When the lease of the key ends, in wall milliseconds; 0: it has none. */
  readonly ends: number;
  /** Bytes that this version takes, about. */
  readonly size: number;
  /** The bytes, where they are in memory; none for a delete. */
  value: Uint8Array | undefined;
  /** What the key was before, as far as it is kept. Set by the history. */
  older: Version | undefined;
}

/** Gets the value of a {@link Version} that does not hold it itself. */
export type ReadValue = (version: Version) => Uint8Array;

/** A version's own room besides its key and value. */
const versionOverhead = 96;
export function sizeOf(key: string, valueLength: number): number {
  return versionOverhead + key.length + valueLength;
}

/** How far one {@link History.replay} goes: a few milliseconds of work. */
const mostReplayed = { writes: 20_000, changes: 256, bytes: 4 << 20 };

/**
 * The sequence of all committed writes, as far as it is kept, and with it the state at each kept revision. Holds no
 * opinion on where values live, and nothing that is not committed.
 */
export class History {
  readonly #live = new OrderedMap<Version>();
  /** Deleted keys whose delete is in the log. */
  readonly #dead = new OrderedMap<Version>();
  /** The writes after `oldest`, in order. The first `#trimmed` places are empty. */
  #log: (Version | undefined)[] = [];
  #trimmed = 0;
  #oldest: Revision;
  #revision: Revision;
  #historyBytes = 0;
  readonly #readValue: ReadValue;

  /** `oldest`: where the log begins. */
  constructor(oldest: Revision, readValue: ReadValue) {
    this.#oldest = this.#revision = oldest;
    this.#readValue = readValue;
  }

  get revision(): Revision {
    return this.#revision;
  }

  /** Everything after this revision can be replayed, and the state at it can be read. */
  get oldest(): Revision {
    return this.#oldest;
  }

  /** Bytes held by versions that are no longer current. */
  get historyBytes(): number {
    return this.#historyBytes;
  }

  current(key: string): Version | undefined {
    return this.#live.get(key);
  }

  /** Takes in a version that was current at `oldest` already. */
  restore(version: Version): void {
    this.#live.set(version.key, version);
  }

  /** Adds the next write. */
  append(version: Version): void {
    if (version.modified <= this.#revision)
      throw new Error(`Cannot append revision ${version.modified}: the newest is ${this.#revision}`);
    const { key } = version;
    const live = this.#live.get(key);
    version.older = live ?? this.#dead.get(key);
    if (live !== undefined) this.#historyBytes += live.size;
    if (version.deleted) {
      this.#historyBytes += version.size;
      this.#live.delete(key);
      this.#dead.set(key, version);
    } else {
      this.#live.set(key, version);
      if (live === undefined) this.#dead.delete(key);
    }
    this.#log.push(version);
    this.#revision = version.modified;
  }

  /** What the key was at a revision. */
  versionAt(key: string, at: Revision): Version | undefined {
    this.#checkReadable(at);
    return stateAt(this.#live.get(key) ?? this.#dead.get(key), at);
  }

  /** The state of `[start, end)` at a revision, in key order; `remaining` counts what the limit cut off. */
  range(
    { start, end }: KeyRange,
    at: Revision = this.#revision,
    limit?: number,
  ): { versions: Version[]; remaining: number } {
    this.#checkReadable(at);
    const most = limit === undefined || limit <= 0 ? Infinity : limit;
    if (at === this.#revision) {
      const versions = this.#live.range(start, end, most);
      const remaining = versions.length < most ? 0 : this.#live.count(start, end) - versions.length;
      return { versions, remaining };
    }
    const versions = merged(statesAt(this.#live.range(start, end), at), statesAt(this.#dead.range(start, end), at));
    const remaining = Math.max(0, versions.length - most);
    if (remaining > 0) versions.length = most;
    return { versions, remaining };
  }

  /** The next changes under `prefix` after `after`, not beyond `until`, a bounded number at once. */
  replay(prefix: string, after: Revision, until: Revision): StoreEvent {
    this.#checkReadable(after);
    const changes: Change[] = [];
    let bytes = 0;
    let revision = after;
    const first = this.#placeAfter(after);
    for (let at = first; at < this.#log.length && at < first + mostReplayed.writes; at++) {
      const version = this.#log[at]!;
      if (version.modified > until) break;
      revision = version.modified;
      if (!version.key.startsWith(prefix)) continue;
      changes.push(this.change(version));
      bytes += version.size;
      if (changes.length >= mostReplayed.changes || bytes >= mostReplayed.bytes) break;
    }
    return changes.length > 0 ? { type: 'changes', revision, changes } : { type: 'progress', revision };
  }

  /** The write as watchers see it. */
  change(version: Version): Change {
    const { key, modified } = version;
    return version.deleted ? { type: 'delete', key, modified } : { type: 'put', ...this.entry(version) };
  }

  entry(version: Version): Entry {
    const { key, created, modified } = version;
    return { key, value: version.value ?? this.#readValue(version), created, modified };
  }

  /**
   * Forgets the oldest write, and what was before it, and returns the versions that nothing needs any more; nothing
   * where the log is empty.
   */
  forgetOldest(): readonly Version[] {
    const version = this.#log[this.#trimmed];
    if (version === undefined) return [];
    this.#log[this.#trimmed++] = undefined;
    this.#oldest = version.modified;
    if (this.#trimmed > 4096 && this.#trimmed * 2 > this.#log.length) {
      this.#log = this.#log.slice(this.#trimmed);
      this.#trimmed = 0;
    }
    const gone: Version[] = [];
    const { older } = version;
    version.older = undefined;
    if (older !== undefined && !older.deleted) {
      this.#historyBytes -= older.size;
      gone.push(older);
    }
    if (version.deleted) {
      this.#historyBytes -= version.size;
      if (this.#dead.get(version.key) === version) this.#dead.delete(version.key);
      gone.push(version);
    }
    return gone;
  }

  /** Forgets so many writes at most of those up to `before`, and that the state before it was ever known. */
  forgetBefore(before: Revision, mostWrites: number): { readonly gone: Version[]; readonly isDone: boolean } {
    const gone: Version[] = [];
    for (let i = 0; i < mostWrites; i++) {
      const next = this.#log[this.#trimmed];
      if (next === undefined || next.modified > before) {
        this.#oldest = Math.max(this.#oldest, before);
        return { gone, isDone: true };
      }
      gone.push(...this.forgetOldest());
    }
    return { gone, isDone: false };
  }

  /**
   * Forgets, oldest first, until no more than so many bytes are no longer current; so many writes at most, so that it
   * can be done beside every commit without being felt.
   */
  forgetOver(bytes: number, mostWrites: number): Version[] {
    const gone: Version[] = [];
    for (let i = 0; i < mostWrites && this.#historyBytes > bytes; i++) gone.push(...this.forgetOldest());
    return gone;
  }

  #checkReadable(revision: Revision): void {
    if (revision < this.#oldest) throw new CompactedError(revision, this.#oldest);
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision);
  }

  /** The place in the log of the first write after a revision. */
  #placeAfter(revision: Revision): number {
    let low = this.#trimmed;
    let high = this.#log.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#log[middle]!.modified <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function stateAt(newest: Version | undefined, at: Revision): Version | undefined {
  let version = newest;
  while (version !== undefined && version.modified > at) version = version.older;
  return version?.deleted === false ? version : undefined;
}

function statesAt(newest: readonly Version[], at: Revision): Version[] {
  const states: Version[] = [];
  for (const one of newest) {
    const version = stateAt(one, at);
    if (version !== undefined) states.push(version);
  }
  return states;
}

/** Both in key order, no key in both. */
function merged(some: readonly Version[], others: readonly Version[]): Version[] {
  if (others.length === 0) return some as Version[];
  const all: Version[] = [];
  let i = 0;
  for (const other of others) {
    while (i < some.length && some[i]!.key < other.key) all.push(some[i++]!);
    all.push(other);
  }
  while (i < some.length) all.push(some[i++]!);
  return all;
}
