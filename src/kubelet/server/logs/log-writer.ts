import { readLogLine } from './log-line.ts';
import type { LogOptions } from './log-options.ts';

const lineEnd = Buffer.from('\n');
/** Digits of a second's fraction that are shown. */
const fractionDigits = 9;

/** Turns lines of the file into what a client asked to see. Pure but for what it has shown so far. */
export class LogWriter {
  readonly #options: LogOptions;
  #left: number;
  #atLineStart = true;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  /** No byte more may be shown. */
  get isFull(): boolean {
    return this.#left <= 0;
  }

  /** The bytes to show for a line of the file (without its line end); empty when it is left out. */
  show(text: Buffer): Buffer {
    const line = readLogLine(text);
    if (line === undefined) return Buffer.alloc(0);
    const { since, stream, timestamps } = this.#options;
    if (stream !== 'All' && line.stream !== stream.toLowerCase()) return Buffer.alloc(0);
    if (since !== undefined && Date.parse(line.time) < since) return Buffer.alloc(0);
    const parts: Buffer[] = [];
    if (timestamps && this.#atLineStart) parts.push(Buffer.from(`${fullTime(line.time)} `));
    parts.push(line.content);
    if (!line.isPartial) parts.push(lineEnd);
    this.#atLineStart = !line.isPartial;
    const shown = Buffer.concat(parts).subarray(0, this.#left);
    this.#left -= shown.length;
    return shown;
  }
}

/** With all nine digits of the second's fraction: runtimes leave out zeros at the end. */
function fullTime(time: string): string {
  const match = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d+))?(.*)$/.exec(time);
  if (match === null) return time;
  return `${match[1]}.${(match[2] ?? '').padEnd(fractionDigits, '0')}${match[3]}`;
}
