import { goQuote } from '../../apimachinery/go-text.ts';
import { timeComplaint } from '../../apimachinery/time.ts';
import { durationOf, parseDuration, parseTimestamp, secondsOf } from './time.ts';
import { CelError, Timestamp, type Duration } from './value.ts';

/** Times as the formats `date`, `date-time` and `duration` of schemas have them, which are wider than the language's own. */

/** Reads a text of format `date` or, by default, `date-time`. */
export function parseOpenApiTime(text: string, format: string | undefined): Timestamp | CelError {
  if (format === 'date') {
    const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
    const seconds = year === undefined ? undefined : secondsOf(Number(year), Number(month), Number(day));
    return seconds === undefined
      ? new CelError(`Invalid date formatted string ${text}: parsing time ${goQuote(text)} as "2006-01-02"`)
      : new Timestamp(seconds, 0);
  }
  if (text === '') return new Timestamp(0, 0);
  const isLocal = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?$/.test(text);
  return (
    parseTimestamp(isLocal ? `${text}Z` : text) ??
    new CelError(`Invalid date-time formatted string ${text}: ${timeComplaint(text)}`)
  );
}

const units: readonly { readonly names: readonly string[]; readonly nanos: bigint }[] = [
  { names: ['ns', 'nano'], nanos: 1n },
  { names: ['us', 'µs', 'micro'], nanos: 1_000n },
  { names: ['ms', 'milli'], nanos: 1_000_000n },
  { names: ['s', 'sec'], nanos: 1_000_000_000n },
  { names: ['m', 'min'], nanos: 60_000_000_000n },
  { names: ['h', 'hr', 'hour'], nanos: 3_600_000_000_000n },
  { names: ['d', 'day'], nanos: 86_400_000_000_000n },
  { names: ['w', 'wk', 'week'], nanos: 604_800_000_000_000n },
];

/** Reads Go's form, or amounts with units in words: `2 days`. The last name of a unit may go on: `days`, `hours`. */
export function parseOpenApiDuration(text: string): Duration | CelError {
  const simple = parseDuration(text);
  if (simple) return simple;
  let total = 0n;
  let isAny = false;
  for (const [, amount = '', name = ''] of text.matchAll(/(\d{1,18})\s*([A-Za-zµ]+)/g)) {
    const unit = name.toLowerCase();
    const found = units.find(({ names }) => names.includes(unit) || unit.startsWith(names.at(-1)!));
    if (!found) continue;
    isAny = true;
    total += BigInt(amount) * found.nanos;
  }
  return isAny ? durationOf(total) : new CelError(`Invalid duration ${text}: unable to parse ${text} as duration`);
}
