import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** As in KubeletConfiguration. */
export interface LogBounds {
  /** `containerLogMaxSize`: a log that has reached it is rotated. */
  readonly mostBytes: number;
  /** `containerLogMaxFiles`, the one that is written included; at least 2. */
  readonly mostFiles: number;
}

const packed = '.gz';
/** Of a file that is not yet whole. */
const draft = '.tmp';

/**
 * Rotates a container's log when it is long: it becomes `0.log.20060102-150405`, what was rotated before is packed, and the
 * oldest files go, as the stock kubelet does it. `reopen` makes the runtime open a new file under the old name; where that
 * fails, all goes on in the file that was. Answers whether it was rotated. `now` in milliseconds.
 */
export async function rotateLog(
  path: string,
  { mostBytes, mostFiles }: LogBounds,
  now: number,
  reopen: () => Promise<void>,
): Promise<boolean> {
  const size = (await stat(path).catch(() => undefined))?.size;
  if (size === undefined || size < mostBytes) return false;
  const earlier = await rotatedLogs(path);
  // Room for the one that is written, and for what it becomes.
  for (const file of earlier.splice(0, Math.max(0, earlier.length - (mostFiles - 2)))) await rm(file, { force: true });
  for (const file of earlier) if (!file.endsWith(packed)) await pack(file);
  const rotated = `${path}.${timestamp(now)}`;
  await rename(path, rotated);
  try {
    await reopen();
  } catch (error) {
    await rename(rotated, path);
    throw error;
  }
  return true;
}

/** The oldest first. What an earlier attempt has left half done is removed. */
async function rotatedLogs(path: string): Promise<string[]> {
  const folder = dirname(path);
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${basename(path)}.`)).sort();
  for (const name of names) if (name.endsWith(draft)) await rm(join(folder, name), { force: true });
  return names.filter((name) => !name.endsWith(draft)).map((name) => join(folder, name));
}

async function pack(file: string): Promise<void> {
  const whole = `${file}${packed}`;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(`${whole}${draft}`, { mode: 0o640 }));
  await rename(`${whole}${draft}`, whole);
  await rm(file);
}

function timestamp(now: number): string {
  const [date = '', time = ''] = new Date(now).toISOString().split(/[T.]/);
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}`;
}
