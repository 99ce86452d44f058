import { goQuote } from '../go-text.ts';

/** What is wrong with a schedule, in the words of the parser that Kubernetes uses. */
export class CronError extends Error {
  override readonly name = 'CronError';
}

/** The values that a field of a schedule may have. */
export interface FieldRange {
  readonly first: number;
  readonly last: number;
  /** Names in lower case, for the values from `first` on. */
  readonly names?: readonly string[];
}

/** The values that a field has. */
export interface CronField {
  has(value: number): boolean;
  /** Whether it says `*` or `?`, as all or part of it: then it restricts nothing, as far as days are concerned. */
  readonly isStar: boolean;
}

/** Reads `*`, `5`, `1-5`, `10-50/20`, `mon`, and lists of them. Throws {@link CronError}. */
export function parseCronField(text: string, range: FieldRange): CronField {
  const values = new Set<number>();
  let isStar = false;
  for (const part of text.split(',')) {
    if (part === '') continue;
    const { first, last, step, star } = parsePart(part, range);
    for (let value = first; value <= last; value += step) values.add(value);
    isStar ||= star;
  }
  return { has: (value) => values.has(value), isStar };
}

interface Part {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly star: boolean;
}

function parsePart(text: string, range: FieldRange): Part {
  const [span = '', stepText, ...moreSlashes] = text.split('/');
  const [low = '', high, ...moreHyphens] = span.split('-');
  const isStar = low === '*' || low === '?';
  let first = BigInt(range.first);
  let last = BigInt(range.last);
  if (!isStar) {
    first = last = parseValue(low, range);
    if (moreHyphens.length > 0) throw new CronError(`too many hyphens: ${text}`);
    if (high !== undefined) last = parseValue(high, range);
  }
  let step = 1n;
  if (moreSlashes.length > 0) throw new CronError(`too many slashes: ${text}`);
  if (stepText !== undefined) {
    step = parseNumber(stepText);
    // `5/15` means from 5 to the end.
    if (high === undefined) last = BigInt(range.last);
  }
  if (first < range.first) throw new CronError(`beginning of range (${first}) below minimum (${range.first}): ${text}`);
  if (last > range.last) throw new CronError(`end of range (${last}) above maximum (${range.last}): ${text}`);
  if (first > last) throw new CronError(`beginning of range (${first}) beyond end of range (${last}): ${text}`);
  if (step === 0n) throw new CronError(`step of range should be a positive number: ${text}`);
  return { first: Number(first), last: Number(last), step: Number(step), star: isStar && step === 1n };
}

function parseValue(text: string, { first, names = [] }: FieldRange): bigint {
  const at = names.indexOf(text.toLowerCase());
  return at < 0 ? parseNumber(text) : BigInt(first + at);
}

const largest = 2n ** 63n - 1n;

function parseNumber(text: string): bigint {
  const complaint = (what: string) =>
    new CronError(`failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: ${what}`);
  if (!/^[+-]?\d+$/.test(text)) throw complaint('invalid syntax');
  const number = BigInt(text.replace(/^\+/, ''));
  if (number > largest || number < -largest - 1n) throw complaint('value out of range');
  if (number < 0n) throw new CronError(`negative number (${number}) not allowed: ${text}`);
  return number;
}
