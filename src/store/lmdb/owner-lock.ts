import { chmodSync, closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** SQLite's answer when another connection has the lock (result codes, SQLITE_BUSY). */
const busy = 5;

/**
 * Decides which process owns a store. Node has no file locks of its own, but SQLite, which is part of it, takes one on
 * its file (fcntl(2), advisory) and keeps it until the connection ends. The kernel lets it go when the process dies, and
 * it knows nothing of process numbers: so it also holds between containers on one volume. It does not hold between
 * machines that share a file system without locks, nor for who removes the file or copies the store.
 *
 * The file also remembers that the store has been made: who finds the store gone then knows that it was there.
 */
export class OwnerLock implements Disposable {
  readonly #connection: DatabaseSync;

  private constructor(connection: DatabaseSync) {
    this.#connection = connection;
  }

  /** Takes the lock, or answers `undefined` if somebody has it. The file is made when missing. */
  static take(path: string): OwnerLock | undefined {
    makePrivate(path);
    const connection = new DatabaseSync(path);
    try {
      connection.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
      return new OwnerLock(connection);
    } catch (error) {
      connection.close();
      if ((error as { errcode?: number }).errcode === busy) return undefined;
      throw error;
    }
  }

  /** Whether the store was made under this lock once. */
  get isMade(): boolean {
    return this.#connection.prepare('PRAGMA user_version').get()?.['user_version'] === 1;
  }

  /** On disk when it returns. */
  markAsMade(): void {
    if (!this.isMade) this.#connection.exec('PRAGMA user_version = 1');
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** Opening an existing file here, and closing it, would let go of a lock that this process has on it. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  chmodSync(path, 0o600);
}

/** The process that has the lock, as far as this one can see it (proc_locks(5)). */
export function ownerOf(path: string): number | undefined {
  try {
    const inode = `:${statSync(path).ino}`;
    for (const line of readFileSync('/proc/locks', 'latin1').split('\n')) {
      const [, type, , , pid, file] = line.split(/\s+/);
      if (type === 'POSIX' && file?.endsWith(inode) && Number(pid) > 0) return Number(pid);
    }
  } catch {
    // There is no such file on other systems.
  }
  return undefined;
}
