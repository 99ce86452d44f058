import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CronJob, CronJobStatus, Job } from '../../../api/batch/v1/types.ts';
import { followJobs } from './active-jobs.ts';

const cronJob = { metadata: { name: 'tick', namespace: 'default' }, spec: {} } as CronJob;
const listed = (...names: string[]): CronJobStatus => ({
  active: names.map((name) => ({ namespace: 'default', name, uid: name })),
});
const jobOf = (name: string, type?: 'Complete' | 'Failed', completionTime?: string): Job => ({
  metadata: { name, namespace: 'default', uid: name },
  spec: {} as Job['spec'],
  status: { ...(type && { conditions: [{ type, status: 'True' }] }), ...(completionTime && { completionTime }) },
});
const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];

interface Row {
  readonly name: string;
  readonly status: CronJobStatus;
  readonly jobs: readonly Job[];
  /** Jobs that are there, though not the CronJob's any more. */
  readonly others?: readonly Job[];
  readonly want: CronJobStatus;
  readonly told: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'a job that runs', status: listed('a'), jobs: [jobOf('a')], want: listed('a'), told: [] },
  {
    name: 'a job that has failed',
    status: listed('a', 'b'),
    jobs: [jobOf('a', 'Failed'), jobOf('b')],
    want: listed('b'),
    told: ['SawCompletedJob: Saw completed job: a, condition: Failed'],
  },
  {
    name: 'the later of two successes',
    status: { ...listed('a'), lastSuccessfulTime: early },
    jobs: [jobOf('a', 'Complete', late), jobOf('by-hand', 'Complete', early)],
    want: { lastSuccessfulTime: late },
    told: ['SawCompletedJob: Saw completed job: a, condition: Complete'],
  },
  {
    name: 'a job that somebody else has made',
    status: {},
    jobs: [jobOf('by-hand')],
    want: {},
    told: ['UnexpectedJob: Saw a job that the controller did not create or forgot: by-hand'],
  },
  {
    name: 'a job that is gone, and one that is there but no longer its own',
    status: listed('a', 'b'),
    jobs: [],
    others: [jobOf('b')],
    want: listed('b'),
    told: ['MissingJob: Active job went missing: a'],
  },
];

for (const { name, status, jobs, others = [], want, told } of rows)
  test(`a CronJob follows ${name}`, () => {
    const events: string[] = [];
    const record = (_: unknown, __: unknown, reason: string, message: string) =>
      void events.push(`${reason}: ${message}`);
    const get = (_: unknown, { name: wanted }: { name: string }) =>
      others.find(({ metadata }) => metadata.name === wanted);
    const followed = followJobs(cronJob, jobs, status, { events: { record }, get } as never);
    assert.deepEqual([followed, events], [want, told]);
  });
