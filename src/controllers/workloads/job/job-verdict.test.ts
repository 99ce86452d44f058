import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobSpec, JobStatus } from '../../../api/batch/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { tallyOf } from './job-tally.ts';
import { verdictByCompletions, verdictOf, withCondition } from './job-verdict.ts';
import { indexed, makeJob, makePod, now } from './testing.ts';

interface Row {
  readonly name: string;
  readonly spec?: Partial<JobSpec>;
  readonly status?: JobStatus;
  readonly pods?: readonly Pod[];
  readonly want: string | undefined;
}

const failed = makePod('a', { phase: 'Failed', index: 0, ended: 0 });
const done = makePod('b', { phase: 'Succeeded', index: 1, ended: 0 });
const perIndex = { ...indexed, backoffLimitPerIndex: 0 };
const told = (type: string) => ({ conditions: [{ type, status: 'True', reason: 'Told', message: '' }] });
const restarted = {
  ...makePod('a'),
  status: { phase: 'Running', containerStatuses: [{ restartCount: 2 }] },
} as unknown as Pod;
const onFailure = (backoffLimit: number) => ({
  backoffLimit,
  template: { spec: { restartPolicy: 'OnFailure', containers: [] } } as unknown as JobSpec['template'],
});

const rows: readonly Row[] = [
  { name: 'a job that has just begun', want: undefined },
  { name: 'as many failures as are allowed', spec: { backoffLimit: 1 }, pods: [failed], want: undefined },
  { name: 'one failure more', spec: { backoffLimit: 0 }, pods: [failed], want: 'failure: BackoffLimitExceeded' },
  {
    name: 'failures that are counted already',
    spec: { backoffLimit: 2 },
    status: { failed: 2, uncountedTerminatedPods: { failed: ['x'] } },
    want: 'failure: BackoffLimitExceeded',
  },
  { name: 'restarts within a pod', spec: onFailure(2), pods: [restarted], want: 'failure: BackoffLimitExceeded' },
  { name: 'fewer restarts', spec: onFailure(3), pods: [restarted], want: undefined },
  { name: 'a deadline that is over', spec: { activeDeadlineSeconds: 0 }, want: 'failure: DeadlineExceeded' },
  { name: 'a deadline while suspended', spec: { activeDeadlineSeconds: 0, suspend: true }, want: undefined },
  {
    name: 'an exit code that ends it',
    spec: {
      backoffLimit: 0,
      podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] },
    },
    pods: [failed],
    want: 'failure: PodFailurePolicy',
  },
  {
    name: 'an exit code that is ignored',
    spec: {
      backoffLimit: 0,
      podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [1] } }] },
    },
    pods: [failed],
    want: undefined,
  },
  { name: 'an index that has failed while others run', spec: perIndex, pods: [failed], want: undefined },
  {
    name: 'more failed indexes than allowed',
    spec: { ...perIndex, maxFailedIndexes: 0 },
    pods: [failed],
    want: 'failure: MaxFailedIndexesExceeded',
  },
  {
    name: 'every index done or failed',
    spec: perIndex,
    pods: [failed, done],
    status: { completedIndexes: '2' },
    want: 'failure: FailedIndexes',
  },
  {
    name: 'an index that is enough',
    spec: {
      ...indexed,
      successPolicy: { rules: [{ succeededIndexes: '0' }, { succeededIndexes: '1-2', succeededCount: 1 }] },
    },
    pods: [done],
    want: 'success: SuccessPolicy',
  },
  {
    name: 'an aim that was told, whatever has come since',
    spec: { backoffLimit: 0 },
    pods: [failed],
    status: told('SuccessCriteriaMet'),
    want: 'success: Told',
  },
  { name: 'a failure that was told', status: told('FailureTarget'), want: 'failure: Told' },
];

for (const { name, spec, status, pods = [], want } of rows)
  test(`of ${name}: ${want ?? 'nothing yet'}`, () => {
    const job = makeJob(spec, status);
    const verdict = verdictOf(job, tallyOf(job, pods), now);
    assert.equal(verdict && `${verdict.succeeds ? 'success' : 'failure'}: ${verdict.reason}`, want);
  });

test('a job is done with its number of successes, or with the first, when nothing runs', () => {
  const isDone = (completions: number | undefined, succeeded: number, active: number): boolean =>
    verdictByCompletions(makeJob({ completions }), succeeded, active) !== undefined;
  assert.deepEqual([isDone(2, 1, 0), isDone(2, 2, 1), isDone(2, 2, 0)], [false, false, true]);
  assert.deepEqual([isDone(undefined, 0, 0), isDone(undefined, 1, 1), isDone(undefined, 1, 0)], [false, false, true]);
});

test('a condition changes with what it says, and is not added to say no', () => {
  const no = { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' };
  const none = withCondition([], no, now);
  const yes = withCondition(none, { ...no, status: 'True' }, now);
  assert.deepEqual([none, yes.length, withCondition(yes, { ...no, status: 'True' }, now) === yes], [[], 1, true]);
  assert.equal(withCondition(yes, no, now)[0]!.status, 'False');
});
