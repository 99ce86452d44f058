import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { cronJob } from './cron-job.ts';

const containers = [{ name: 'work', image: 'work:v1' }];
const template = { spec: { restartPolicy: 'Never', containers } };
const withSpec = (spec: object) => ({ spec: { schedule: '@daily', jobTemplate: { spec: { template } }, ...spec } });
const zoned = 'TZ=UTC * * * * *';

interface Row {
  readonly name: string;
  readonly spec: object;
  readonly old?: object;
  readonly want?: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'a schedule', spec: { schedule: '*/5 * * * *', timeZone: 'Europe/Berlin' } },
  { name: 'no schedule', spec: { schedule: '' }, want: ['spec.schedule: Required value'] },
  {
    name: 'a schedule that is none',
    spec: { schedule: 'every minute' },
    want: ['spec.schedule: Invalid value: "every minute": expected exactly 5 fields, found 2: [every minute]'],
  },
  {
    name: 'a zone in the schedule',
    spec: { schedule: zoned },
    want: [
      `spec.schedule: Invalid value: "${zoned}": cannot use TZ or CRON_TZ in schedule, use timeZone field instead`,
    ],
  },
  { name: 'a zone in the schedule that was there before', spec: { schedule: zoned }, old: { schedule: zoned } },
  {
    name: 'that and a zone of its own',
    spec: { schedule: zoned, timeZone: 'UTC' },
    old: { schedule: zoned },
    want: [`spec.schedule: Invalid value: "${zoned}": cannot use both timeZone field and TZ or CRON_TZ in schedule`],
  },
  ...['Mars/Olympus', 'europe/berlin', '../etc/passwd', '+01', 'PST'].map((timeZone) => ({
    name: `the zone ${timeZone}`,
    spec: { timeZone },
    want: [`spec.timeZone: Invalid value: "${timeZone}": unknown time zone ${timeZone}`],
  })),
  {
    name: 'no place in the zone',
    spec: { timeZone: '' },
    want: ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  },
  {
    name: 'what the server goes by',
    spec: { timeZone: 'Local' },
    want: [
      'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
  },
  {
    name: 'an unknown zone that was there before',
    spec: { timeZone: 'Mars/Olympus' },
    old: { timeZone: 'Mars/Olympus' },
  },
  {
    name: 'numbers below zero and an unknown policy',
    spec: { startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, concurrencyPolicy: 'Perhaps' },
    want: [
      'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.concurrencyPolicy: Unsupported value: "Perhaps": supported values: "Allow", "Forbid", "Replace"',
      'spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  },
  {
    name: 'jobs with a selector',
    spec: { jobTemplate: { spec: { template, manualSelector: true, selector: { matchLabels: { a: 'b' } } } } },
    want: [
      'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
      'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ],
  },
];

for (const { name, spec, old, want = [] } of rows)
  test(`of a CronJob with ${name}, ${want.length === 0 ? 'nothing is wrong' : 'the right thing is said'}`, () => {
    assert.deepEqual(complaintsAbout(cronJob, withSpec(spec), old && withSpec(old)), want);
  });

test('a name leaves room for the minute of its jobs, or has stood for long', () => {
  const named = { ...withSpec({}), metadata: { name: 'a'.repeat(53) } };
  const complaint = `metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`;
  assert.deepEqual([complaintsAbout(cronJob, named), complaintsAbout(cronJob, named, named)], [[complaint], []]);
});

test('what is unset is filled, and in the template of the jobs only what belongs to pods', () => {
  const { spec } = completed(cronJob, withSpec({}));
  const { jobTemplate, ...rest } = spec;
  assert.deepEqual(rest, {
    schedule: '@daily',
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  assert.deepEqual(Object.keys(jobTemplate.spec), ['template']);
  assert.equal(jobTemplate.spec.template.spec.dnsPolicy, 'ClusterFirst');
});

test('the table shows the zone, whether it is suspended, its jobs and when the last was', () => {
  const object = {
    ...completed(cronJob, withSpec({ timeZone: 'UTC' })),
    status: { active: [{}], lastScheduleTime: '2026-01-01T00:00:00Z' },
  };
  const cells = cronJob.columns!.cells(object, Date.UTC(2026, 0, 1, 0, 5));
  assert.deepEqual(cells.slice(1, 6), ['@daily', 'UTC', 'False', 1, '5m']);
});
