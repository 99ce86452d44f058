import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from '../../base/clock.ts';

export interface Rotation {
  /** Bytes after which another file begins; 0: never. */
  readonly mostBytes: number;
  /** Files of before that are kept; 0: all. */
  readonly mostBackups: number;
  /** How long they are kept; 0: for ever. */
  readonly longestMs: number;
  /** Whether they are packed. */
  readonly compress: boolean;
}

/**
 * A file that only its owner can read and that lines are added to. When it is full it is put aside under the time of that
 * (`audit-2026-01-31T12-00-00.000.log`), and another begins.
 */
export class RotatingFile implements AsyncDisposable {
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #clock: Pick<Clock, 'now'>;
  #file: FileHandle | undefined;
  #bytes = 0;

  constructor(path: string, rotation: Rotation, clock: Pick<Clock, 'now'>) {
    this.#path = path;
    this.#rotation = rotation;
    this.#clock = clock;
  }

  /** Writes all of the lines; one that is longer than a file may be has one of its own. Not to be called twice at once. */
  async append(lines: readonly string[]): Promise<void> {
    const { mostBytes } = this.#rotation;
    let part: string[] = [];
    let bytes = 0;
    for (const line of lines) {
      const length = Buffer.byteLength(line);
      const file = await this.#opened();
      if (mostBytes > 0 && this.#bytes + bytes > 0 && this.#bytes + bytes + length > mostBytes) {
        await file.appendFile(part.join(''));
        part = [];
        bytes = 0;
        await this.#rotate();
      }
      part.push(line);
      bytes += length;
    }
    await (await this.#opened()).appendFile(part.join(''));
    this.#bytes += bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file !== undefined) return this.#file;
    this.#file = await open(this.#path, 'a', 0o600);
    await this.#file.chmod(0o600);
    this.#bytes = (await this.#file.stat()).size;
    return this.#file;
  }

  async #rotate(): Promise<void> {
    await this[Symbol.asyncDispose]();
    const aside = this.#backupAt(this.#clock.now());
    await rename(this.#path, aside);
    this.#bytes = 0;
    if (this.#rotation.compress) await packed(aside);
    await this.#removeOld();
  }

  #backupAt(time: number): string {
    const extension = extname(this.#path);
    const stem = basename(this.#path, extension);
    const when = new Date(time).toISOString().slice(0, -1).replaceAll(':', '-');
    return join(dirname(this.#path), `${stem}-${when}${extension}`);
  }

  async #removeOld(): Promise<void> {
    const { mostBackups, longestMs } = this.#rotation;
    const folder = dirname(this.#path);
    const extension = extname(this.#path);
    const stem = basename(this.#path, extension);
    const isOurs = (name: string): boolean => {
      const [, when] = /^-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})/.exec(name.slice(stem.length)) ?? [];
      if (when === undefined || !name.startsWith(`${stem}-`)) return false;
      const rest = name.slice(stem.length + 1 + when.length);
      return rest === extension || rest === `${extension}.gz`;
    };
    // The time in the name sorts them.
    const backups = (await readdir(folder)).filter(isOurs).sort().reverse();
    const oldest = longestMs === 0 ? '' : basename(this.#backupAt(this.#clock.now() - longestMs));
    const tooMany = mostBackups === 0 ? [] : backups.slice(mostBackups);
    const tooOld = backups.filter((name) => name < oldest);
    for (const name of new Set([...tooMany, ...tooOld])) await rm(join(folder, name), { force: true });
  }
}

async function packed(path: string): Promise<void> {
  await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`, { mode: 0o600 }));
  await rm(path);
}
