import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobPod } from './job-pod.ts';
import { indexed, makeJob, makePod } from './testing.ts';

const index = 'batch.kubernetes.io/job-completion-index';
const failures = 'batch.kubernetes.io/job-index-failure-count';
const ignored = 'batch.kubernetes.io/job-index-ignored-failure-count';

test('a pod of a job is held until it is counted', () => {
  const { metadata, spec } = jobPod(makeJob(), undefined, undefined);
  assert.deepEqual(metadata, {
    name: '',
    generateName: 'job-',
    namespace: 'default',
    finalizers: ['batch.kubernetes.io/job-tracking'],
  });
  assert.equal(spec.hostname, undefined);
});

test('a pod with an index has it in its name, labels, annotations, host name and environment', () => {
  const job = makeJob(indexed);
  job.spec.template.spec.initContainers = [{ name: 'own', env: [{ name: 'JOB_COMPLETION_INDEX', value: 'mine' }] }];
  const { metadata, spec } = jobPod(job, 2, undefined);
  const { generateName, labels, annotations } = metadata;
  assert.deepEqual(
    [generateName, labels, annotations, spec.hostname],
    ['job-2-', { [index]: '2' }, { [index]: '2' }, 'job-2'],
  );
  const fieldRef = { fieldPath: `metadata.labels['${index}']` };
  assert.deepEqual(spec.containers[0]!.env, [{ name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } }]);
  assert.deepEqual(spec.initContainers![0]!.env, [{ name: 'JOB_COMPLETION_INDEX', value: 'mine' }]);
});

test('a long name is cut so that the index and a random part fit', () => {
  const job = makeJob(indexed);
  job.metadata.name = 'a'.repeat(60);
  assert.equal(jobPod(job, 10, undefined).metadata.generateName, `${'a'.repeat(54)}-10-`);
});

test('a pod inherits the failures of the one that it replaces', () => {
  const rules = [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [42] } }] as const;
  const job = makeJob({ ...indexed, backoffLimitPerIndex: 3, podFailurePolicy: { rules: [...rules] as never } });
  const failed = (exitCode: number) => makePod('a', { phase: 'Failed', index: 1, failures: 1, ended: 0, exitCode });
  const counts = (replaced?: ReturnType<typeof failed>) => {
    const { [index]: _, ...rest } = jobPod(job, 1, replaced).metadata.annotations!;
    return rest;
  };
  assert.deepEqual(
    [counts(), counts(failed(1)), counts(failed(42))],
    [{ [failures]: '0' }, { [failures]: '2' }, { [failures]: '1', [ignored]: '1' }],
  );
});
