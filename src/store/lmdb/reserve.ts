import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Room on the disk that is taken while there is plenty, and let go when the disk is full: so that deletes, which need
 * room too, can make more of it.
 */
export class Reserve {
  readonly #path: string;
  readonly bytes: number;
  #isThere: boolean;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.bytes = bytes;
    this.#isThere = existsSync(path);
  }

  get isThere(): boolean {
    return this.#isThere;
  }

  /** Bytes that the disk has for anybody. */
  get diskBytes(): number {
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    return bavail * bsize;
  }

  /** Takes the room, where as much again is left. */
  take(): void {
    if (this.bytes === 0 || this.#isThere || this.diskBytes < 2 * this.bytes) return;
    try {
      writeFileSync(this.#path, noise(this.bytes), { mode: 0o600 });
      this.#isThere = true;
    } catch {
      this.release(); // somebody else was quicker to take the last of it
    }
  }

  release(): void {
    rmSync(this.#path, { force: true });
    this.#isThere = false;
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
