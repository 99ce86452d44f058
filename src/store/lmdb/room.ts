import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes that a put takes in the file besides two times its own: pages of the trees on the way to it. */
const bytesAroundPut = 128 << 10;

/**
 * Room on the disk that is taken while there is plenty, and let go when the disk is full: so that deletes, which need
 * room too, can make more of it. Without it, puts must leave as much as it would have taken.
 */
export class Room {
  readonly #path: string;
  readonly #reserveBytes: number;
  readonly #freeInFile: () => number;
  #isTaken: boolean;

  /** `path`: a file of its own. 0 bytes: puts go on until one fails. */
  constructor(path: string, reserveBytes: number, freeInFile: () => number) {
    this.#path = path;
    this.#reserveBytes = reserveBytes;
    this.#freeInFile = freeInFile;
    this.#isTaken = existsSync(path);
    this.#take();
  }

  /** The disk is full, or was when somebody last looked. */
  get isTight(): boolean {
    return this.#reserveBytes > 0 && !this.#isTaken;
  }

  /** Whether puts of so many bytes leave enough for deletes. */
  holds(bytes: number): boolean {
    if (!this.isTight) return true;
    this.#take();
    if (this.#isTaken) return true;
    const free = this.#freeInFile() + this.#freeOnDisk();
    return this.isOnDisk(bytes) && 2 * bytes + bytesAroundPut + this.#reserveBytes <= free;
  }

  /**
   * Whether the disk takes a commit of puts of so many bytes. LMDB must not find out that it does not: where a write of it
   * fails in the middle of a page, it damages the memory of the process.
   */
  isOnDisk(bytes: number): boolean {
    return this.#freeOnDisk() >= bytes + bytesAroundPut;
  }

  /** Gives the room to whoever needs it, if the disk has none. */
  releaseIfFull(): void {
    if (this.#freeOnDisk() >= this.#reserveBytes) return;
    rmSync(this.#path, { force: true });
    this.#isTaken = false;
  }

  #freeOnDisk(): number {
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    return bavail * bsize;
  }

  /** Takes the room, where as much again is left. */
  #take(): void {
    if (this.#isTaken || this.#reserveBytes === 0 || this.#freeOnDisk() < 2 * this.#reserveBytes) return;
    try {
      writeFileSync(this.#path, noise(this.#reserveBytes), { mode: 0o600 });
      this.#isTaken = true;
    } catch {
      rmSync(this.#path, { force: true }); // somebody else was quicker to take the last of it
    }
  }
}

/** Bytes that no file system makes smaller. */
function noise(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = 0x9e3779b9;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
