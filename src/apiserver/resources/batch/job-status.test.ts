import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, JobSpec, JobStatus } from '../../../api/batch/v1/types.ts';
import { fieldErrorText } from '../../../apimachinery/validation.ts';
import { checkJobStatus } from './job-status.ts';

const startTime = '2026-01-01T00:00:00Z';
const completionTime = '2026-01-01T00:00:05Z';
const of = (...types: string[]) => ({ conditions: types.map((type) => ({ type, status: 'True' })) });
const done = { ...of('SuccessCriteriaMet', 'Complete'), startTime, completionTime };
const indexed = { completionMode: 'Indexed', completions: 5, parallelism: 2, backoffLimitPerIndex: 1 } as const;

interface Row {
  readonly name: string;
  readonly spec?: Partial<JobSpec>;
  readonly old?: JobStatus;
  readonly status: JobStatus;
  readonly want?: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'a job that is done', old: of('SuccessCriteriaMet'), status: done },
  { name: 'a job that has failed', old: of('FailureTarget'), status: { ...of('FailureTarget', 'Failed'), startTime } },
  {
    name: 'done without having met anything',
    status: { ...of('Complete'), startTime },
    want: [
      'status.completionTime: Required value: completionTime is required for Complete jobs',
      'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    ],
  },
  {
    name: 'done and failed at once',
    status: { ...of('Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'), startTime, completionTime },
    want: [
      'cannot set Complete=True and Failed=true conditions',
      'cannot set Complete=True and FailureTarget=true conditions',
      'cannot set SuccessCriteriaMet=True and Failed=true conditions',
      'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
    ].map((text) => `status.conditions: Invalid value: ${text}`),
  },
  {
    name: 'a job that ends before it begins, with pods',
    status: {
      ...done,
      startTime: '2026-01-01T00:00:09Z',
      active: 1,
      terminating: 1,
      uncountedTerminatedPods: { failed: ['a'] },
    },
    want: [
      `status.completionTime: Invalid value: "${completionTime}": must be equal to or after \`startTime\``,
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.uncountedTerminatedPods: Invalid value: {"Succeeded":null,"Failed":["a"]}: must be empty for finished job',
      'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
    ],
  },
  {
    name: 'a job that ends and has not begun',
    status: { ...of('Failed', 'FailureTarget') },
    want: ['status.startTime: Required value: startTime is required for finished job'],
  },
  {
    name: 'nothing to do, while suspended',
    spec: { suspend: true, completions: 0 },
    status: { ...done, startTime: undefined } as never,
  },
  {
    name: 'counts that go back',
    old: { failed: 2, succeeded: 2 },
    status: { failed: 1, succeeded: 1, ready: 1 },
    want: [
      'status.ready: Invalid value: 1: cannot set more ready pods than active',
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
      'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
    ],
  },
  {
    name: 'an indexed job that shrinks',
    spec: { ...indexed, parallelism: 5 },
    old: { succeeded: 2 },
    status: { succeeded: 1 },
  },
  {
    name: 'a pod that is counted twice',
    status: { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } },
    want: [
      'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
      'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
    ],
  },
  {
    name: 'indexes out of order, too large, done and failed',
    spec: indexed,
    status: { completedIndexes: '3,1-2', failedIndexes: '2,9' },
    want: [
      'status.completedIndexes: Invalid value: "3,1-2": error parsing completedIndexes: non-increasing order, previous: 3, current: 1',
      'status.failedIndexes: Invalid value: "2,9": error parsing failedIndexes: too large index: "9"',
    ],
  },
  {
    name: 'an index that is done and failed',
    spec: indexed,
    status: { completedIndexes: '0-2', failedIndexes: '2,4' },
    want: ['status.failedIndexes: Invalid value: "2,4": failedIndexes and completedIndexes overlap at index: 2'],
  },
  {
    name: 'indexes of a job without',
    status: { completedIndexes: '0', failedIndexes: '' },
    spec: { completions: 1 },
    want: [
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
      'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    ],
  },
  {
    name: 'what was wrong before and stays',
    old: { completedIndexes: '9' },
    spec: indexed,
    status: { completedIndexes: '9' },
  },
  {
    name: 'an end that is taken back, and other times',
    old: { ...done },
    status: { ...of('Complete'), startTime: '2026-01-01T00:00:01Z', completionTime: '2026-01-01T00:00:06Z' },
    want: [
      'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      'status.completionTime: Invalid value: "2026-01-01T00:00:06Z": field is immutable',
      'status.startTime: Invalid value: "2026-01-01T00:00:01Z": field is immutable for unsuspended job once set',
      'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
    ],
  },
  {
    name: 'a job that goes on begins anew',
    old: { startTime, ...of('Suspended') },
    status: { startTime: completionTime, conditions: [{ type: 'Suspended', status: 'False' }] },
  },
];

for (const { name, spec = {}, old = {}, status, want = [] } of rows)
  test(`status: ${name}`, () => {
    const job = (of: JobStatus) => ({ metadata: { name: 'it' }, spec, status: of }) as Job;
    assert.deepEqual(checkJobStatus(job(status), job(old)).map(fieldErrorText), want);
  });
