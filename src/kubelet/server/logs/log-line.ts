/**
 * A line of a container's log file in the CRI format: `TIME STREAM TAGS CONTENT`. A long line is written in pieces: all but
 * the last carry the tag `P`.
 */
export interface LogLine {
  /** As it is written in the file, in nanoseconds. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  readonly isPartial: boolean;
  /** Without a line end. */
  readonly content: Buffer;
}

const space = 0x20;

/** Takes a line (without its line end) apart; `undefined` for what is no line of this format. */
export function readLogLine(line: Buffer): LogLine | undefined {
  const timeEnd = line.indexOf(space);
  const streamEnd = line.indexOf(space, timeEnd + 1);
  const tagsEnd = line.indexOf(space, streamEnd + 1);
  if (timeEnd < 0 || streamEnd < 0 || tagsEnd < 0) return undefined;
  const stream = line.toString('latin1', timeEnd + 1, streamEnd);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  const [tag] = line.toString('latin1', streamEnd + 1, tagsEnd).split(':');
  const time = line.toString('latin1', 0, timeEnd);
  return { time, stream, isPartial: tag === 'P', content: line.subarray(tagsEnd + 1) };
}
