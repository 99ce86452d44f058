import { chmodSync, closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import type { Version } from '../history.ts';
import type { CauseRecord, Revision } from '../store.ts';
import { isAlive, thisProcess, type Owner } from './owner.ts';
import { decodeCause, decodeRecord } from './record.ts';

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

/** A state of the file that stays readable while later commits change it. */
export interface Snapshot {
  done(): void;
}

/**
 * The LMDB file: two maps by revision, one with the values and one with everything else, and a few facts on the file
 * itself. A commit is one transaction, flushed to disk off the event loop.
 */
export class StoreDatabase {
  readonly #environment: RootDatabase;
  readonly #facts: Database<unknown, string>;
  readonly #records: BinaryDatabase;
  readonly #values: BinaryDatabase;

  /** Opens or makes the file and claims it for this process. Throws {@link StoreOpenError}. */
  constructor(path: string) {
    makePrivateFile(path);
    makePrivateFile(`${path}-lock`);
    checkMagic(path);
    try {
      this.#environment = open({ path, noSubdir: true, maxDbs: 4, overlappingSync: false, eventTurnBatching: false });
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
      this.#environment.transactionSync(() => {
        const owner = this.#facts.get('owner') as Owner | undefined;
        if (owner !== undefined && isAlive(owner)) throw new StoreOpenError(path, `process ${owner.pid} has it open`);
        this.#facts.putSync('owner', thisProcess());
        this.#facts.putSync('format', formatVersion);
      });
      this.#records = this.#environment.openDB({ name: 'records', encoding: 'binary' }) as BinaryDatabase;
      this.#values = this.#environment.openDB({ name: 'values', encoding: 'binary' }) as BinaryDatabase;
    } catch (error) {
      void this.#environment.close();
      throw error;
    }
  }

  /** Where history begins. */
  oldest(): Revision {
    return (this.#facts.get('oldest') as Revision | undefined) ?? 0;
  }

  /** All versions in the order of their revisions, without values. */
  *versions(): Iterable<Version> {
    for (const { key, value } of this.#records.getRange()) yield decodeRecord(key, value as Buffer);
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

  /** The cause of the write, if it had one and its record is kept. */
  cause(revision: Revision): CauseRecord | undefined {
    const record = this.#records.getBinary(revision);
    return record && decodeCause(record);
  }

  /** Everything or nothing, on disk when it resolves. Must not be called before the last call has resolved. */
  async commit(writes: readonly StoredWrite[], gone: readonly Version[], oldest: Revision | undefined): Promise<void> {
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
      });
    } catch (error) {
      throw await reasonOf(error as Error);
    }
  }

  /** Gives the file up. Must not be called while a commit is under way. */
  async close(): Promise<void> {
    await this.#facts.remove('owner').catch(() => {});
    await this.#environment.close();
  }
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
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
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
