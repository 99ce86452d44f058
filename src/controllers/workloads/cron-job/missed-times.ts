import type { CronJob } from '../../../api/batch/v1/types.ts';
import type { CronSchedule } from '../../../apimachinery/cron/cron-schedule.ts';
import { parseTime } from '../../../apimachinery/time.ts';

/** Times in milliseconds. */
export interface MissedTimes {
  /** From when on times count: the last time that was used, the making of the CronJob, or the starting deadline. */
  readonly since: number;
  /** The latest time that has come, if any has. */
  readonly latest?: number;
  /** How many have come since, about. */
  readonly count: number;
}

/** A schedule of days that no month has, or whose times are all the same. */
export const neverComes = 'time difference between two schedules is less than 1 second';

/**
 * The times of a schedule that have come and were not used; `undefined` for a schedule that {@link neverComes}. Many
 * are not gone through one by one: the distance of the first two is taken for that of all, and the last ones are looked
 * for from there.
 */
export function missedTimes(
  { metadata, spec, status }: Readonly<CronJob>,
  schedule: CronSchedule,
  now: number,
  options: { readonly withDeadline: boolean },
): MissedTimes | undefined {
  const { startingDeadlineSeconds: deadline } = spec;
  const used = parseTime(status?.lastScheduleTime) ?? parseTime(metadata.creationTimestamp) ?? now;
  const since = options.withDeadline && deadline !== undefined ? Math.max(used, now - deadline * 1000) : used;
  const first = schedule.next(since);
  const second = first === undefined ? undefined : schedule.next(first);
  if (first !== undefined && now < first) return { since, count: 0 };
  if (first === undefined || second === undefined) return undefined;
  if (now < second) return { since, latest: first, count: 1 };
  const between = Math.round((second - first) / 1000) * 1000;
  if (between < 1000) return undefined;
  const count = Math.floor((now - first) / between) + 1;
  const latest = lastBefore(schedule, first + (count - 2) * between, now);
  return { since, count, ...(latest !== undefined && { latest }) };
}

/** Milliseconds until the next time that is to be looked at. */
export function untilNext(cronJob: Readonly<CronJob>, schedule: CronSchedule, now: number): number | undefined {
  const missed = missedTimes(cronJob, schedule, now, { withDeadline: false });
  const from = missed === undefined ? now : (missed.latest ?? (missed.count === 0 ? missed.since : now));
  const next = schedule.next(from);
  return next === undefined ? undefined : next + leewayMs - now;
}

/** Clocks may differ a little. */
const leewayMs = 100;

function lastBefore(schedule: CronSchedule, from: number, now: number): number | undefined {
  let last: number | undefined;
  for (let at = schedule.next(from); at !== undefined && at <= now; at = schedule.next(at)) last = at;
  return last;
}
