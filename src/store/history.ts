import { OrderedMap } from './ordered-map.ts';
import type { KeyRange } from './range.ts';
import {
  CompactedError,
  FutureRevisionError,
  type CauseRecord,
  type Change,
  type Entry,
  type Revision,
  type StoreEvent,
} from './store.ts';

/** What one write made of one key. */
export interface Version {
  readonly key: string;
  /** The revision at which the key came to be. */
  readonly created: Revision;
  /** The revision of this write. */
  readonly modified: Revision;
  /** The write deleted the key. */
  readonly deleted: boolean;
  /** Wall time of the write in milliseconds. */
  readonly time: number;
  /** Wall time in milliseconds after which the key goes; 0: never. */
  readonly expiresAt: number;
  /** Bytes that this version takes, about. */
  readonly size: number;
  /** The bytes, where they are in memory; none for a delete. */
  value: Uint8Array | undefined;
  /** `stored`: to be had from {@link Contents}. */
  cause: CauseRecord | undefined | 'stored';
  /** What the key was before, as far as it is kept. Set by the history. */
  older: Version | undefined;
}

/** Gets what a {@link Version} does not hold itself. */
export interface Contents {
  /** Asked only where the version has none. */
  value(version: Version): Uint8Array;
  /** Asked only where the cause is `stored`. */
  cause(version: Version): CauseRecord | undefined;
}

/** A version's own room besides its key and value. */
const versionOverhead = 96;
export function sizeOf(key: string, valueLength: number): number {
  return versionOverhead + key.length + valueLength;
}

/** How far one {@link History.replay} goes: a few milliseconds of work. */
const mostReplayed = { revisions: 20_000, changes: 256, bytes: 4 << 20 };

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
  #oldest: Revision = 0;
  #revision: Revision = 0;
  #historyBytes = 0;
  readonly #contents: Contents;

  constructor(contents: Contents) {
    this.#contents = contents;
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

  /** When the oldest write of the log happened; `undefined` if the log is empty. */
  get oldestTime(): number | undefined {
    return this.#log[this.#trimmed]?.time;
  }

  current(key: string): Version | undefined {
    return this.#live.get(key);
  }

  /** Sets where the log begins, before the first {@link restore}. */
  startAt(oldest: Revision): void {
    this.#oldest = this.#revision = oldest;
  }

  /** Takes in a version that was current at `oldest` already. */
  restore(version: Version): void {
    this.#live.set(version.key, version);
  }

  /** Adds the next write. */
  append(version: Version): void {
    if (version.modified !== this.#revision + 1)
      throw new Error(`Cannot append revision ${version.modified}: the next one is ${this.#revision + 1}`);
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

  /** The write that made `revision`, while the log holds it. */
  at(revision: Revision): Version | undefined {
    return revision <= this.#oldest ? undefined : this.#log[revision - this.#oldest - 1 + this.#trimmed];
  }

  /** The state of `[start, end)` at a revision, in key order; `remaining` counts what the limit cut off. */
  list(
    { start, end }: KeyRange,
    at: Revision = this.#revision,
    limit?: number,
  ): { versions: Version[]; remaining: number } {
    this.checkReadable(at);
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

  /** Throws {@link CompactedError} or {@link FutureRevisionError} if the state at `revision` cannot be told. */
  checkReadable(revision: Revision): void {
    if (revision < this.#oldest) throw new CompactedError(revision, this.#oldest);
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision);
  }

  /** The next changes under `prefix` after `after`, not beyond `until`, a bounded number at once. */
  replay(prefix: string, after: Revision, until: Revision): StoreEvent {
    this.checkReadable(after);
    const changes: Change[] = [];
    let bytes = 0;
    let revision = after;
    const stop = Math.min(until, after + mostReplayed.revisions);
    while (revision < stop && changes.length < mostReplayed.changes && bytes < mostReplayed.bytes) {
      const version = this.at(++revision)!;
      if (!version.key.startsWith(prefix)) continue;
      changes.push(this.change(version));
      bytes += version.size;
    }
    return changes.length > 0 ? { type: 'changes', revision, changes } : { type: 'progress', revision };
  }

  /** The write as watchers see it. */
  change(version: Version): Change {
    const { older } = version;
    const previous = older === undefined || older.deleted ? undefined : this.entry(older);
    const entry = version.deleted ? deletedEntry(version, previous) : this.entry(version);
    const cause = version.cause === 'stored' ? this.#contents.cause(version) : version.cause;
    return { type: version.deleted ? 'delete' : 'put', entry, previous, cause };
  }

  entry(version: Version): Entry {
    const { key, created, modified } = version;
    return { key, value: version.value ?? this.#contents.value(version), created, modified };
  }

  /**
   * Forgets the state at `oldest` by moving that one revision on, and returns the versions that nothing needs any more.
   * Must not be called with an empty log.
   */
  forgetOldest(): readonly Version[] {
    const version = this.#log[this.#trimmed]!;
    this.#log[this.#trimmed++] = undefined;
    this.#oldest++;
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
}

/** For a delete: the key with its last value, and the revision of the delete. */
export function deletedEntry({ key, modified }: Version, previous: Entry | undefined): Entry {
  if (previous === undefined) throw new Error(`Cannot tell what was deleted at revision ${modified}`);
  return { key, value: previous.value, created: previous.created, modified };
}

function statesAt(newest: readonly Version[], at: Revision): Version[] {
  const states: Version[] = [];
  for (const one of newest) {
    let version: Version | undefined = one;
    while (version !== undefined && version.modified > at) version = version.older;
    if (version !== undefined && !version.deleted) states.push(version);
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
