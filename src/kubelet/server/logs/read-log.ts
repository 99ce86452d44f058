import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Clock } from '../../../base/clock.ts';
import type { LogOptions } from './log-options.ts';
import { LogWriter } from './log-writer.ts';

export interface LogSource {
  readonly path: string;
  /** Whether the container may still write. */
  isRunning(): Promise<boolean>;
}

const pieceBytes = 64 * 1024;
const lineEnd = 0x0a;
const lookEveryMs = 50;
/** How many looks without news pass between questions to the runtime. */
const looksPerQuestion = 10;

/**
 * Yields what a client asked to see of a container's log. Follows the file through rotations until the container has ended
 * and all is read, or `signal` aborts. Throws when there is no file.
 */
export async function* readLog(
  source: LogSource,
  options: LogOptions,
  clock: Clock,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  let file = await open(source.path, 'r');
  try {
    const writer = new LogWriter(options);
    let position = await startOf(file, options.tailLines);
    let rest: Buffer = Buffer.alloc(0);
    let looks = 0;
    let isOver = !options.follow;
    while (!signal.aborted && !writer.isFull) {
      const piece = Buffer.alloc(pieceBytes);
      const { bytesRead } = await file.read(piece, 0, pieceBytes, position);
      if (bytesRead > 0) {
        position += bytesRead;
        const { lines, left } = splitLines(Buffer.concat([rest, piece.subarray(0, bytesRead)]));
        rest = left;
        const shown = Buffer.concat(lines.map((line) => writer.show(line)));
        if (shown.length > 0) yield shown;
        continue;
      }
      if (isOver) return;
      const next = await rotated(file, source.path);
      if (next !== undefined) {
        await file.close();
        file = next;
        position = 0;
        rest = Buffer.alloc(0);
        continue;
      }
      // The last look comes after the container has ended: nothing is written behind it.
      if (++looks % looksPerQuestion === 0 && !(await source.isRunning())) isOver = true;
      else await clock.sleep(lookEveryMs, signal).catch(() => {});
    }
  } finally {
    await file.close();
  }
}

/** The file that has taken the place of this one, opened, once there is something in it: then the old one is complete. */
async function rotated(file: FileHandle, path: string): Promise<FileHandle | undefined> {
  const now = await stat(path).catch(() => undefined);
  if (now === undefined) return undefined;
  const { ino, dev } = await file.stat();
  if (now.ino === ino && now.dev === dev) return undefined;
  return now.size > 0 ? await open(path, 'r') : undefined;
}

function splitLines(bytes: Buffer): { lines: Buffer[]; left: Buffer } {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return { lines, left: bytes.subarray(start) };
}

/** Where the last `count` lines of the file begin; everything when `count` is absent. */
async function startOf(file: FileHandle, count: number | undefined): Promise<number> {
  if (count === undefined) return 0;
  const { size } = await file.stat();
  let missing = count + 1; // the last line's own end does not begin a line
  for (let end = size; end > 0; end -= pieceBytes) {
    const from = Math.max(0, end - pieceBytes);
    const piece = Buffer.alloc(end - from);
    await file.read(piece, 0, piece.length, from);
    for (let at = piece.lastIndexOf(lineEnd); at >= 0; at = at === 0 ? -1 : piece.lastIndexOf(lineEnd, at - 1))
      if (--missing === 0) return from + at + 1;
  }
  return count === 0 ? size : 0;
}
