import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CronJob } from '../../../api/batch/v1/types.ts';
import { parseCronSchedule } from '../../../apimachinery/cron/cron-schedule.ts';
import { missedTimes, untilNext } from './missed-times.ts';

const at = (time: string): number => Date.parse(`2026-01-05T${time}Z`);

interface Row {
  readonly name: string;
  readonly schedule: string;
  readonly made?: string;
  readonly used?: string;
  readonly deadline?: number;
  readonly now: string;
  readonly latest?: string;
  readonly count: number;
  /** Seconds until the next look. */
  readonly next: number;
}

const rows: readonly Row[] = [
  { name: 'before the first time', schedule: '0 * * * *', now: '08:59:30', count: 0, next: 30.1 },
  { name: 'at the first time', schedule: '0 * * * *', now: '09:00:00', latest: '09:00:00', count: 1, next: 3600.1 },
  {
    name: 'after a time that was used',
    schedule: '0 * * * *',
    used: '09:00:00',
    now: '09:00:01',
    count: 0,
    next: 3599.1,
  },
  {
    name: 'after three were missed',
    schedule: '0 * * * *',
    now: '11:30:00',
    latest: '11:00:00',
    count: 3,
    next: 1800.1,
  },
  {
    name: 'with a deadline that is over',
    schedule: '0 * * * *',
    deadline: 60,
    now: '11:30:00',
    count: 0,
    next: 1800.1,
  },
  {
    name: 'within a deadline',
    schedule: '0 * * * *',
    deadline: 3600,
    now: '11:30:00',
    latest: '11:00:00',
    count: 1,
    next: 1800.1,
  },
  { name: 'after very many', schedule: '* * * * *', now: '12:00:30', latest: '12:00:00', count: 210, next: 30.1 },
  {
    name: 'where the first two lie closer than the others',
    schedule: '30,45 9-21/4 * * *',
    now: '17:35:00',
    latest: '17:30:00',
    count: 33,
    next: 600.1,
  },
];

for (const { name, schedule, made = '08:30:00', used, deadline, now, latest, count, next } of rows)
  test(`the latest time, ${name}`, () => {
    const cronJob = {
      metadata: { name: 'it', creationTimestamp: `2026-01-05T${made}Z` },
      spec: { schedule, ...(deadline !== undefined && { startingDeadlineSeconds: deadline }) },
      status: used === undefined ? {} : { lastScheduleTime: `2026-01-05T${used}Z` },
    } as CronJob;
    const missed = missedTimes(cronJob, parseCronSchedule(schedule), at(now), { withDeadline: true });
    assert.deepEqual([missed?.latest, missed?.count], [latest === undefined ? undefined : at(latest), count]);
    assert.equal(untilNext(cronJob, parseCronSchedule(schedule), at(now)), next * 1000);
  });

test('a schedule that never comes has no times', () => {
  const cronJob = { metadata: { name: 'it', creationTimestamp: '2026-01-05T00:00:00Z' }, spec: {} } as CronJob;
  const schedule = parseCronSchedule('0 0 31 2 *');
  assert.equal(missedTimes(cronJob, schedule, at('00:00:00'), { withDeadline: true }), undefined);
  assert.equal(untilNext(cronJob, schedule, at('00:00:00')), undefined);
});
