import { goDurationComplaint, parseGoDuration } from '../duration.ts';
import { CronError, parseCronField, type FieldRange } from './cron-field.ts';
import { nextTime } from './next-time.ts';
import { timeZone, unknownTimeZone, utc, type TimeZone } from './time-zone.ts';

/** When something happens again and again. */
export interface CronSchedule {
  /** The first time after an instant, both in milliseconds since the Unix epoch; none if there is none within five years. */
  next(after: number): number | undefined;
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The fields in the order in which they stand. */
const ranges: readonly FieldRange[] = [
  { first: 0, last: 59 },
  { first: 0, last: 23 },
  { first: 1, last: 31 },
  { first: 1, last: 12, names: monthNames },
  { first: 0, last: 6, names: dayNames },
];

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** What Go takes for space. */
const spaces = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const space = new RegExp(spaces);
const outerSpace = new RegExp(`^${spaces}|${spaces}$`, 'g');

/**
 * Reads a schedule as Kubernetes does (`github.com/robfig/cron/v3`, `ParseStandard`): five fields, `@daily` and its
 * like, `@every 1h30m`, each behind `TZ=name ` or `CRON_TZ=name ` if wanted. Throws {@link CronError}. It is our own
 * because no library has that parser's complaints, nor its steps where clocks are put forward or back.
 */
export function parseCronSchedule(text: string): CronSchedule {
  if (text === '') throw new CronError('empty spec string');
  const [, name, rest] = /^(?:CRON_)?TZ=([^ ]*)(.*)$/s.exec(text) ?? [];
  if (name === undefined) return parseSpec(text, utc);
  // The parser crashes here, and Kubernetes says so.
  if (rest === '') throw new CronError('invalid schedule format: runtime error: slice bounds out of range [:-1]');
  const zone = timeZone(name);
  if (zone === undefined) throw new CronError(`provided bad location ${name}: ${unknownTimeZone(name)}`);
  return parseSpec(rest!.replace(outerSpace, ''), zone);
}

function parseSpec(text: string, zone: TimeZone): CronSchedule {
  if (text.startsWith('@every ')) return every(text);
  const spec = text.startsWith('@') ? descriptors[text] : text;
  if (spec === undefined) throw new CronError(`unrecognized descriptor: ${text}`);
  const texts = fieldsOf(spec);
  if (texts.length !== ranges.length)
    throw new CronError(`expected exactly ${ranges.length} fields, found ${texts.length}: [${texts.join(' ')}]`);
  const [minute, hour, day, month, weekday] = texts.map((field, at) => parseCronField(field, ranges[at]!));
  const fields = { minute: minute!, hour: hour!, day: day!, month: month!, weekday: weekday! };
  return { next: (after) => nextTime(fields, zone, after) };
}

function fieldsOf(text: string): string[] {
  return text.split(space).filter((field) => field !== '');
}

/** Whole seconds, at least one, from whenever it is asked. */
function every(text: string): CronSchedule {
  const duration = text.slice('@every '.length);
  const milliseconds = parseGoDuration(duration);
  if (milliseconds === undefined)
    throw new CronError(`failed to parse duration ${text}: ${goDurationComplaint(duration)}`);
  const delay = Math.max(1000, Math.trunc(milliseconds / 1000) * 1000);
  return { next: (after) => Math.floor(after / 1000) * 1000 + delay };
}
