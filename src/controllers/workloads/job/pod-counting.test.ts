import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobSpec, JobStatus } from '../../../api/batch/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { tallyOf } from './job-tally.ts';
import type { Verdict } from './job-verdict.ts';
import { countReleased, planCounting } from './pod-counting.ts';
import { indexed, makeJob, makePod } from './testing.ts';

const failed = makePod('a', { phase: 'Failed', index: 0, ended: 0 });
const done = makePod('b', { phase: 'Succeeded', index: 1, ended: 0 });
const running = makePod('c', { index: 2 });
const fails: Verdict = { succeeds: false, reason: '', message: '' };
const succeeds: Verdict = { ...fails, succeeds: true };
const ignoring = { podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [1] } }] } };

interface Row {
  readonly name: string;
  readonly spec?: Partial<JobSpec>;
  readonly status?: JobStatus;
  readonly pods: readonly Pod[];
  readonly verdict?: Verdict;
  readonly counted: JobStatus;
  readonly release: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'pods that have ended are noted, then let go',
    pods: [failed, done, running],
    counted: { uncountedTerminatedPods: { succeeded: ['b'], failed: ['a'] } },
    release: ['a', 'b'],
  },
  {
    name: 'pods that were noted are not noted again',
    pods: [failed],
    status: { uncountedTerminatedPods: { failed: ['a'] } },
    counted: { uncountedTerminatedPods: { failed: ['a'] } },
    release: ['a'],
  },
  {
    name: 'pods that were noted and let go, or are gone, count',
    pods: [makePod('a', { phase: 'Failed', tracked: false })],
    status: { failed: 1, uncountedTerminatedPods: { failed: ['a', 'gone'] } },
    counted: { failed: 3, uncountedTerminatedPods: {} },
    release: [],
  },
  {
    name: 'an ignored failure is let go and does not count',
    spec: ignoring as Partial<JobSpec>,
    pods: [failed],
    counted: { uncountedTerminatedPods: {} },
    release: ['a'],
  },
  {
    name: 'an index counts once by itself',
    spec: indexed,
    pods: [done, makePod('d', { phase: 'Succeeded', index: 1 })],
    counted: { succeeded: 1, completedIndexes: '1', uncountedTerminatedPods: {} },
    release: ['b', 'd'],
  },
  {
    name: 'a failed pod stays for the one that replaces it',
    spec: { ...indexed, backoffLimitPerIndex: 1 },
    pods: [makePod('a', { phase: 'Failed', index: 0, failures: 0 })],
    counted: { failedIndexes: '', uncountedTerminatedPods: {} },
    release: [],
  },
  {
    name: 'with a job that fails, what runs has failed',
    pods: [running],
    verdict: fails,
    counted: { uncountedTerminatedPods: { failed: ['c'] } },
    release: ['c'],
  },
  {
    name: 'with a job that succeeds, it has not',
    pods: [running],
    verdict: succeeds,
    counted: { uncountedTerminatedPods: {} },
    release: ['c'],
  },
];

for (const { name, spec, status = {}, pods, verdict, counted, release } of rows)
  test(`${name}`, () => {
    const job = makeJob(spec, status);
    const counting = planCounting(job, tallyOf(job, pods), verdict, status);
    assert.deepEqual(
      [counting.status, counting.release.map(({ metadata }) => metadata.name), counting.isAll],
      [counted, release, true],
    );
  });

test('of very many pods some wait for the next time', () => {
  const pods = Array.from({ length: 600 }, (_, at) => makePod(`p${at}`, { phase: 'Succeeded' }));
  const job = makeJob({ completions: 600 });
  const { status, release, isAll } = planCounting(job, tallyOf(job, pods), undefined, {});
  assert.deepEqual([status.uncountedTerminatedPods?.succeeded?.length, release.length, isAll], [500, 500, false]);
});

test('a pod that could not be let go is not counted', () => {
  const status = { uncountedTerminatedPods: { succeeded: ['a', 'b'], failed: ['c'] } };
  assert.deepEqual(countReleased(status, new Set(['b'])), {
    succeeded: 1,
    failed: 1,
    uncountedTerminatedPods: { succeeded: ['b'] },
  });
});
