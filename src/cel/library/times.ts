import { memberOverload, type Library, type Overload } from '../check/function.ts';
import { durationType, intType, stringType, timestampType } from '../type.ts';
import { spendLetters } from '../values/effort.ts';
import { CelError, type Duration, type Int, type Timestamp, intOf } from '../values/value.ts';

/** A part of a date in some time zone. */
type Part = (date: Date, timestamp: Timestamp) => number;

const parts: Readonly<Record<string, readonly [id: string, part: Part]>> = {
  getFullYear: ['timestamp_to_year', (date) => date.getUTCFullYear()],
  getMonth: ['timestamp_to_month', (date) => date.getUTCMonth()],
  getDayOfYear: ['timestamp_to_day_of_year', dayOfYear],
  getDayOfMonth: ['timestamp_to_day_of_month', (date) => date.getUTCDate() - 1],
  getDate: ['timestamp_to_day_of_month_1_based', (date) => date.getUTCDate()],
  getDayOfWeek: ['timestamp_to_day_of_week', (date) => date.getUTCDay()],
  getHours: ['timestamp_to_hours', (date) => date.getUTCHours()],
  getMinutes: ['timestamp_to_minutes', (date) => date.getUTCMinutes()],
  getSeconds: ['timestamp_to_seconds', (date) => date.getUTCSeconds()],
  getMilliseconds: ['timestamp_to_milliseconds', (_, { nanos }) => Math.floor(nanos / 1e6)],
};

const durationParts: Readonly<Record<string, readonly [id: string, nanos: bigint]>> = {
  getHours: ['duration_to_hours', 3_600_000_000_000n],
  getMinutes: ['duration_to_minutes', 60_000_000_000n],
  getSeconds: ['duration_to_seconds', 1_000_000_000n],
  getMilliseconds: ['duration_to_milliseconds', 1_000_000n],
};

/** Times in the standard library. */
export const times: Library = Object.fromEntries(
  Object.entries(parts).map(([name, [id, part]]): [string, Overload[]] => [
    name,
    [
      memberOverload(id, [timestampType], intType, (time: Timestamp) => part(dateIn(time, 0), time)),
      memberOverload(`${id}_with_tz`, [timestampType, stringType], intType, (time: Timestamp, zone: string) => {
        const offset = offsetOf(zone, time);
        return offset instanceof CelError ? offset : part(dateIn(time, offset), time);
      }),
      ...ofDuration(name),
    ],
  ]),
);

function ofDuration(name: string): Overload[] {
  const [id, unit] = durationParts[name] ?? [];
  if (id === undefined) return [];
  return [memberOverload(id, [durationType], intType, ({ nanos }: Duration): Int => intOf(nanos / unit!))];
}

function dateIn({ seconds }: Timestamp, offset: number): Date {
  return new Date((seconds + offset) * 1000);
}

function dayOfYear(date: Date): number {
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  return Math.round((date.getTime() - start.getTime()) / 86_400_000);
}

/** Seconds that the zone is east of UTC at the time: by name (`Europe/Zurich`) or by hours and minutes (`-02:30`). */
function offsetOf(zone: string, time: Timestamp): number | CelError {
  const colon = zone.indexOf(':');
  if (colon < 0) return namedOffset(zone, time);
  const hours = zone.slice(0, colon);
  const minutes = zone.slice(colon + 1);
  for (const text of [hours, minutes])
    if (!/^[+-]?\d{1,9}$/.test(text))
      return new CelError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  const sign = zone.startsWith('-') ? -1 : 1;
  return (Number(hours) * 60 + sign * Number(minutes)) * 60;
}

/** To ask for the offset of a zone by its name takes as long as to go through so many letters. */
const lettersOfZone = 4096;

const formats = new Map<string, Intl.DateTimeFormat>();
/** There are some six hundred names, in small and capital letters. */
const mostFormats = 100;

/** To make one takes ten times as long as to use it. Throws where there is no such zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset', year: 'numeric' });
  if (formats.size >= mostFormats) formats.clear();
  formats.set(timeZone, made);
  return made;
}

function namedOffset(zone: string, { seconds }: Timestamp): number | CelError {
  if (zone === '' || zone === 'UTC') return 0;
  spendLetters(lettersOfZone);
  try {
    const format = formatOf(zone);
    const name = format.formatToParts(new Date(seconds * 1000)).find(({ type }) => type === 'timeZoneName')!.value;
    const [, sign, hours = '0', minutes = '0', rest = '0'] = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/.exec(name)!;
    return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(rest));
  } catch {
    return new CelError(`unknown time zone ${zone}`);
  }
}
