import { chmodSync, closeSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import type { Version } from '../history.ts';
import type { Revision } from '../store.ts';
import { OwnerLock, ownerOf } from './owner-lock.ts';
import { decodeRecord } from './record.ts';

/** Raised when an older program could no longer read what a newer one writes. */
const formatVersion = 1;

/** The file cannot be used: it is newer, in use, damaged, or no store at all. */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
  readonly path: string;
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`Cannot open the store ${JSON.stringify(path)}: ${why}`, options);
    this.path = path;
  }
}

/** One write for the file: a version with its encoded record. */
export interface StoredWrite {
  readonly version: Version;
  readonly record: Buffer;
}

/** The types do not know that binary reads take options too. */
interface BinaryDatabase extends Database<Uint8Array, Revision> {
  getBinary(revision: Revision, options?: { transaction?: Snapshot }): Buffer | undefined;
}

/** Of the statistics of one tree (lmdb.h, `MDB_stat`), what tells how much of the file it takes. */
interface TreeStats {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

interface EnvironmentStats extends TreeStats {
  readonly pageSize: number;
  readonly lastPageNumber: number;
  readonly free: TreeStats;
}

/**
 * Addresses that are set aside for reading the file, in bytes; it costs nothing to have more of them than the file is long.
 * The library would begin with 128 KiB and never let go of the smaller maps of before: each counts again as resident. A
 * file that grows beyond gets a larger map.
 */
const mapBytes = 16 * 2 ** 30;

/** LMDB begins its file with two pages that describe it. */
const metaPages = 2;

/** A state of the file that stays readable while later commits change it. */
export interface Snapshot {
  done(): void;
}

/**
 * The LMDB file: two maps by revision, one with the values and one with everything else, and a few facts on the file
 * itself. A commit is one transaction, flushed to disk off the event loop.
 */
export class StoreDatabase {
  readonly #path: string;
  readonly #lock: OwnerLock;
  #isClosed = true;
  #environment!: RootDatabase;
  #facts!: Database<unknown, string>;
  #records!: BinaryDatabase;
  #values!: BinaryDatabase;

  /** Opens or makes the file and claims it for this process. Throws {@link StoreOpenError}. */
  constructor(path: string) {
    this.#path = path;
    this.#lock = lockOf(path);
    try {
      checkThere(path, this.#lock);
      makePrivateFile(path);
      makePrivateFile(`${path}-lock`);
      checkMagic(path);
      this.#open();
      this.#lock.markAsMade();
    } catch (error) {
      this.#lock[Symbol.dispose]();
      throw error;
    }
  }

  #open(): void {
    const path = this.#path;
    try {
      this.#environment = open({
        path,
        noSubdir: true,
        maxDbs: 4,
        mapSize: mapBytes,
        overlappingSync: false,
        eventTurnBatching: false,
      });
    } catch (error) {
      throw new StoreOpenError(path, (error as Error).message, { cause: error });
    }
    try {
      this.#facts = this.#environment.openDB({ name: 'facts', encoding: 'json' });
      const format = this.#facts.get('format') as number | undefined;
      if (format !== undefined && format > formatVersion)
        throw new StoreOpenError(
          path,
          `it has format ${format}, and this program reads up to ${formatVersion}; use a newer one`,
        );
      if (format !== formatVersion) this.#facts.putSync('format', formatVersion);
      this.#records = this.#environment.openDB({ name: 'records', encoding: 'binary' }) as BinaryDatabase;
      this.#values = this.#environment.openDB({ name: 'values', encoding: 'binary' }) as BinaryDatabase;
      this.#isClosed = false;
    } catch (error) {
      void this.#environment.close();
      throw error;
    }
  }

  /**
   * Closes the file and opens it again, as a failed commit leaves the library in no state to go on. Nobody sees it closed,
   * unless it cannot be opened: then this throws, and may be called again. Must not be called while somebody holds a
   * snapshot or a commit is under way.
   */
  async reopen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const openAgain = (): void => {
      this.#isClosed = true;
      try {
        checkMagic(this.#path);
        this.#open();
        resolve();
      } catch (error) {
        reject(error as Error);
      }
    };
    if (this.#isClosed) openAgain();
    // The types do not know the callback, which runs within the very call that closes the file.
    else await (this.#environment.close as (closed: () => void) => Promise<void>).call(this.#environment, openAgain);
    return promise;
  }

  /** Bytes of the file, up to its last page. */
  get bytes(): number {
    const { lastPageNumber, pageSize } = this.#environment.getStats() as EnvironmentStats;
    return (lastPageNumber + 1) * pageSize;
  }

  /** Bytes of pages in the file that hold nothing. */
  get freeBytes(): number {
    const all = this.#environment.getStats() as EnvironmentStats;
    const trees = [
      all,
      all.free,
      ...[this.#facts, this.#records, this.#values].map((one) => one.getStats() as TreeStats),
    ];
    const used = trees.reduce(
      (sum, { treeBranchPageCount, treeLeafPageCount, overflowPages }) =>
        sum + treeBranchPageCount + treeLeafPageCount + overflowPages,
      metaPages,
    );
    return (all.lastPageNumber + 1 - used) * all.pageSize;
  }

  /** Where history begins. */
  oldest(): Revision {
    return (this.#facts.get('oldest') as Revision | undefined) ?? 0;
  }

  /** All versions after a revision in the order of theirs, without values. */
  *versions(after: Revision = 0): Iterable<Version> {
    for (const { key, value } of this.#records.getRange({ start: after + 1 })) yield decodeRecord(key, value as Buffer);
  }

  /** Keeps reads that name it unaware of later commits. Call `done` when they are over. */
  snapshot(): Snapshot {
    return this.#environment.useReadTransaction();
  }

  /** The bytes are the caller's own. */
  value(revision: Revision, transaction?: Snapshot): Uint8Array {
    const value = this.#values.getBinary(revision, transaction && { transaction });
    if (value === undefined) throw new Error(`The store is damaged: the value of revision ${revision} is missing`);
    return value;
  }

  /**
   * Everything or nothing, on disk when it resolves. Must not be called before the last call has resolved. `proof` is
   * any new number: it makes sure that something is written.
   */
  async commit(
    writes: readonly StoredWrite[],
    gone: readonly Version[],
    oldest: Revision | undefined,
    proof?: number,
  ): Promise<void> {
    try {
      await this.#environment.batch(() => {
        for (const { version, record } of writes) {
          if (version.value !== undefined) void this.#values.put(version.modified, version.value);
          void this.#records.put(version.modified, record);
        }
        for (const { modified, deleted } of gone) {
          if (!deleted) void this.#values.remove(modified);
          void this.#records.remove(modified);
        }
        if (oldest !== undefined) void this.#facts.put('oldest', oldest);
        if (proof !== undefined) void this.#facts.put('opened', proof);
      });
    } catch (error) {
      throw await reasonOf(error as Error);
    }
  }

  /** Gives the file up. Must not be called while a commit is under way. */
  async close(): Promise<void> {
    if (!this.#isClosed) await this.#environment.close();
    this.#lock[Symbol.dispose]();
  }
}

function lockOf(path: string): OwnerLock {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = `${path}-owner`;
  let lock: OwnerLock | undefined;
  try {
    lock = OwnerLock.take(file);
  } catch (error) {
    throw new StoreOpenError(path, `its lock ${JSON.stringify(file)} fails: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (lock !== undefined) return lock;
  const owner = ownerOf(file);
  throw new StoreOpenError(path, `${owner === undefined ? 'another process' : `process ${owner}`} has it open`);
}

/** Who lost the file of a cluster must not get a new, empty one without a word. */
function checkThere(path: string, lock: OwnerLock): void {
  const size = sizeOfFile(path);
  if (size !== undefined && size > 0) return;
  // The library's file of locks is never empty once a store was there; older programs left no other trace.
  if (!lock.isMade && !(sizeOfFile(`${path}-lock`) ?? 0)) return;
  const traces = ['', '-lock', '-owner'].map((end) => JSON.stringify(path + end)).join(', ');
  throw new StoreOpenError(
    path,
    `it is ${size === undefined ? 'missing' : 'empty'}, but there was a cluster in it; put a copy of it there, or remove ${traces} to begin with a new cluster`,
  );
}

function sizeOfFile(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** The library tells the cause of a failed commit by a second promise, which rejects a moment later. */
async function reasonOf(error: Error & { commitError?: Promise<unknown> }): Promise<unknown> {
  if (error.commitError === undefined) return error;
  return error.commitError.then(
    () => error,
    (reason: unknown) => reason,
  );
}

/** The library would make files that everyone can read, and entries hold secrets. */
function makePrivateFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

/** LMDB's first page begins with a page header and this number (mdb.c, `MDB_MAGIC`). The library crashes on other files. */
const magic = Buffer.from([0xde, 0xc0, 0xef, 0xbe]);

function checkMagic(path: string): void {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(64);
    const length = readSync(file, start, 0, start.length, 0);
    if (length > 0 && !start.includes(magic)) throw new StoreOpenError(path, 'it is not a store');
  } finally {
    closeSync(file);
  }
}
