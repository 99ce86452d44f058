import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobSpec, JobStatus } from '../../../api/batch/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { noFailures, type FailureRecord } from './failure-backoff.ts';
import { tallyOf } from './job-tally.ts';
import { planPods } from './pod-plan.ts';
import { indexed, makeJob, makePod, now } from './testing.ts';

interface Row {
  readonly name: string;
  readonly spec?: Partial<JobSpec>;
  readonly status?: JobStatus;
  readonly pods?: readonly Pod[];
  readonly record?: FailureRecord;
  readonly remove?: readonly string[];
  readonly create?: readonly (number | undefined)[];
  readonly againAfterMs?: number;
}

const perIndex = { ...indexed, backoffLimitPerIndex: 2 };
const onlyFailed = { podReplacementPolicy: 'Failed' } as const;
const ending = makePod('a', { deleted: true, index: 0 });

const rows: readonly Row[] = [
  { name: 'makes as many pods as may run', spec: { completions: 5, parallelism: 2 }, create: [undefined, undefined] },
  {
    name: 'makes no more than are needed',
    spec: { completions: 3, parallelism: 3 },
    status: { succeeded: 2 },
    create: [undefined],
  },
  {
    name: 'leaves the pods of a work queue alone when one has succeeded',
    spec: { completions: undefined, parallelism: 3 },
    status: { succeeded: 1 },
    pods: [makePod('a')],
  },
  {
    name: 'keeps a work queue full until then',
    spec: { completions: undefined, parallelism: 2 },
    pods: [makePod('a')],
    create: [undefined],
  },
  { name: 'waits after a failure', record: { failures: 1, lastFailure: now - 4000 }, againAfterMs: 6000 },
  {
    name: 'removes what is too much, not ready ones first',
    spec: { completions: 5, parallelism: 1 },
    pods: [makePod('a', { ready: true }), makePod('b')],
    remove: ['b'],
  },
  { name: 'removes all when it is suspended', spec: { suspend: true }, pods: [makePod('a')], remove: ['a'] },
  { name: 'replaces a pod that ends', pods: [ending], create: [undefined] },
  { name: 'replaces only what has failed, if it is to', spec: onlyFailed, pods: [ending] },
  { name: 'gives each pod an index', spec: indexed, create: [0, 1, 2] },
  {
    name: 'gives the indexes that are left',
    spec: indexed,
    status: { completedIndexes: '1' },
    pods: [makePod('a', { index: 0 })],
    create: [2],
  },
  {
    name: 'gives no index twice while its pod ends, if it is not to',
    spec: { ...indexed, ...onlyFailed },
    pods: [ending],
    create: [1, 2],
  },
  {
    name: 'removes a second pod of an index, one without and one beyond the last',
    spec: indexed,
    pods: [
      makePod('a', { index: 0, ready: true }),
      makePod('b', { index: 0 }),
      makePod('c'),
      makePod('d', { index: 3 }),
    ],
    remove: ['b', 'c', 'd'],
  },
  {
    name: 'waits for an index that has failed, not for the others',
    spec: perIndex,
    pods: [makePod('a', { phase: 'Failed', index: 1, failures: 1, ended: -5 })],
    create: [0, 2],
    againAfterMs: 15_000,
  },
  {
    name: 'gives up an index that has failed too often',
    spec: perIndex,
    pods: [makePod('a', { phase: 'Failed', index: 1, failures: 2, ended: -5 })],
    create: [0, 2],
  },
];

for (const { name, spec, status, pods = [], record = noFailures, remove = [], create = [], againAfterMs } of rows)
  test(`a job ${name}`, () => {
    const job = makeJob(spec, status);
    const plan = planPods(job, tallyOf(job, pods), record, now);
    assert.deepEqual(
      [plan.remove.map(({ metadata }) => metadata.name), plan.create, plan.againAfterMs],
      [remove, create, againAfterMs],
    );
  });
