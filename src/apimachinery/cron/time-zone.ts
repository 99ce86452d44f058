import { BoundedMap } from '../../base/bounded-map.ts';
import { timeZoneNames } from './time-zone-names.ts';

/** Where on Earth a clock hangs. */
export interface TimeZone {
  readonly name: string;
  /** How many milliseconds its clocks are ahead of UTC at an instant. */
  offsetAt(instant: number): number;
}

/** What a clock on the wall shows. Months count from 1, days of the week from Sunday as 0. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export const utc: TimeZone = { name: 'UTC', offsetAt: () => 0 };

/** A formatter costs about a millisecond to make. There are as many as there are names that somebody uses. */
const zones = new Map<string, TimeZone>([
  ['', utc],
  ['UTC', utc],
  // Where the control plane runs, it is always UTC.
  ['Local', utc],
]);

/** The zone of a name of the time zone database, spelt as there; `undefined` if there is none. */
export function timeZone(name: string): TimeZone | undefined {
  const known = zones.get(name);
  if (known !== undefined || !timeZoneNames.has(name)) return known;
  const zone = zoneOf(name);
  zones.set(name, zone);
  return zone;
}

/** What Go says of a name of which there is no zone. */
export function unknownTimeZone(name: string): string {
  return name.includes('..') || /^[/\\]/.test(name) ? 'time: invalid location name' : `unknown time zone ${name}`;
}

const dayMs = 24 * 60 * 60 * 1000;
/** Days whose offset a zone remembers. */
const mostDays = 512;

function zoneOf(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' });
  const byDay = new BoundedMap<number, number>(mostDays);
  const exact = (instant: number): number => offsetIn(format.format(instant));
  const atStartOf = (day: number): number => byDay.get(day) ?? byDay.set(day, exact(day * dayMs));
  return {
    name,
    offsetAt(instant) {
      // No zone changes its offset and takes that back within a day.
      const day = Math.floor(instant / dayMs);
      const offset = atStartOf(day);
      return atStartOf(day + 1) === offset ? offset : exact(instant);
    },
  };
}

/** The milliseconds of `1/1/2026, GMT+01:00`. */
function offsetIn(text: string): number {
  const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  if (sign === undefined) return 0;
  const ahead = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ahead : ahead;
}

/** What the clocks of a zone show at an instant, in milliseconds since the Unix epoch. */
export function wallTime(instant: number, zone: TimeZone): WallTime {
  const date = new Date(instant + zone.offsetAt(instant));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/**
 * When the clocks of a zone show a time; a month or day that is too large counts on into the next. Of a time that is
 * shown twice or never, the instant that Go's time package takes.
 */
export function instantOf(
  { year, month, day, hour, minute, second }: Omit<WallTime, 'weekday'>,
  zone: TimeZone,
): number {
  const shown = Date.UTC(year, month - 1, day, hour, minute, second);
  const offset = zone.offsetAt(shown);
  return offset === 0 ? shown : shown - zone.offsetAt(shown - offset);
}
