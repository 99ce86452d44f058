import type { CronJob } from '../../../api/batch/v1/types.ts';
import { CronError } from '../../../apimachinery/cron/cron-field.ts';
import { parseCronSchedule, type CronSchedule } from '../../../apimachinery/cron/cron-schedule.ts';
import { timeZone, unknownTimeZone } from '../../../apimachinery/cron/time-zone.ts';
import { goQuote } from '../../../apimachinery/go-text.ts';

/** Why a CronJob has no schedule: what its event says. */
export interface ScheduleProblem {
  readonly reason: string;
  readonly message: string;
}

/** The schedule in the zone of the CronJob. A zone within the schedule counts, for those that have had one for long. */
export function scheduleOf({ spec }: Readonly<CronJob>): CronSchedule | ScheduleProblem {
  const { schedule, timeZone: zone } = spec;
  if (zone !== undefined && timeZone(zone) === undefined)
    return { reason: 'UnknownTimeZone', message: `invalid timeZone: ${goQuote(zone)}: ${unknownTimeZone(zone)}` };
  try {
    return parseCronSchedule(zone === undefined || namesZone(schedule) ? schedule : `TZ=${zone} ${schedule}`);
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return {
      reason: 'UnparseableSchedule',
      message: `unparseable schedule: ${goQuote(schedule)} : ${error.message}`,
    };
  }
}

export function namesZone(schedule: string): boolean {
  return schedule.includes('TZ');
}
