import type { CronField } from './cron-field.ts';
import { instantOf, wallTime, type TimeZone, type WallTime } from './time-zone.ts';

export interface CronFields {
  readonly minute: CronField;
  readonly hour: CronField;
  readonly day: CronField;
  readonly month: CronField;
  readonly weekday: CronField;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const mostYears = 5;

/**
 * The first instant after another at which the fields match what the clocks of the zone show.
 *
 * It goes from field to field, the largest first, and begins again whenever one runs over. Where clocks are put forward
 * or back the steps are those of `github.com/robfig/cron`, so that the same times are left out and the same come twice:
 * months and days are steps of the calendar, hours and minutes steps of real time.
 */
export function nextTime(fields: CronFields, zone: TimeZone, after: number): number | undefined {
  let at = Math.floor(after / second) * second + second;
  let wall = wallTime(at, zone);
  const lastYear = wall.year + mostYears;
  /** Whether smaller fields were set to their beginning. */
  let isRounded = false;
  const goTo = (instant: number): void => {
    at = instant;
    wall = wallTime(at, zone);
  };
  const roundTo = (instant: () => number): void => {
    if (isRounded) return;
    isRounded = true;
    goTo(instant());
  };

  /** Whether the month, the day, … match now; false after a field has run over. */
  const settles = (): boolean => {
    while (!fields.month.has(wall.month)) {
      roundTo(() => instantOf({ ...wall, ...startOfDay, day: 1 }, zone));
      goTo(instantOf({ ...wall, month: wall.month + 1 }, zone));
      if (wall.month === 1) return false;
    }
    while (!isDay(fields, wall)) {
      roundTo(() => instantOf({ ...wall, ...startOfDay }, zone));
      goTo(instantOf({ ...wall, day: wall.day + 1 }, zone));
      // There may be no midnight on this day.
      if (wall.hour !== 0) goTo(at + (wall.hour > 12 ? 24 - wall.hour : -wall.hour) * hour);
      if (wall.day === 1) return false;
    }
    while (!fields.hour.has(wall.hour)) {
      roundTo(() => instantOf({ ...wall, minute: 0, second: 0 }, zone));
      goTo(at + hour);
      if (wall.hour === 0) return false;
    }
    while (!fields.minute.has(wall.minute)) {
      roundTo(() => Math.floor(at / minute) * minute);
      goTo(at + minute);
      if (wall.minute === 0) return false;
    }
    while (wall.second !== 0) {
      isRounded = true;
      goTo(at + second);
      if (wall.second === 0) return false;
    }
    return true;
  };
  while (wall.year <= lastYear) if (settles()) return at;
  return undefined;
}

const startOfDay = { hour: 0, minute: 0, second: 0 };

/** Of two days that are restricted, one has to match; a star restricts nothing. */
function isDay({ day, weekday }: CronFields, wall: WallTime): boolean {
  const [byDay, byWeekday] = [day.has(wall.day), weekday.has(wall.weekday)];
  return day.isStar || weekday.isStar ? byDay && byWeekday : byDay || byWeekday;
}
