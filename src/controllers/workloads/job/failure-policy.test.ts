import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodFailurePolicyRule } from '../../../api/batch/v1/types.ts';
import { isCounted, judge } from './failure-policy.ts';
import { makePod } from './testing.ts';

const pod = makePod('a', { phase: 'Failed', ended: 0, exitCode: 42 });
const disrupted = {
  ...pod,
  status: { ...pod.status, conditions: [{ type: 'DisruptionTarget', status: 'True' }] },
} as typeof pod;
const codes = (action: PodFailurePolicyRule['action'], more: object): PodFailurePolicyRule => ({
  action,
  onExitCodes: { operator: 'In', values: [42], ...more },
});
const whenDisrupted: PodFailurePolicyRule = { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] };

for (const [name, of, rules, want] of [
  ['no rule', pod, [], {}],
  ['a code that is listed', pod, [codes('Count', {})], { action: 'Count' }],
  ['a code that is not listed', pod, [codes('Count', { values: [1] })], {}],
  ['a code that must not be listed', pod, [codes('Count', { operator: 'NotIn', values: [1] })], { action: 'Count' }],
  ['the code of another container', pod, [codes('Count', { containerName: 'other' })], {}],
  ['the first of two rules', disrupted, [whenDisrupted, codes('FailIndex', {})], { action: 'Ignore' }],
  ['a condition that is not there', pod, [whenDisrupted, codes('FailIndex', {})], { action: 'FailIndex' }],
  [
    'an end of the job by a code',
    pod,
    [whenDisrupted, codes('FailJob', {})],
    {
      action: 'FailJob',
      message: 'Container work for pod default/a failed with exit code 42 matching FailJob rule at index 1',
    },
  ],
  [
    'an end of the job by a condition',
    disrupted,
    [{ ...whenDisrupted, action: 'FailJob' }],
    { action: 'FailJob', message: 'Pod default/a has condition DisruptionTarget matching FailJob rule at index 0' },
  ],
] as const)
  test(`a failure by ${name}`, () => {
    assert.deepEqual(judge({ rules: rules as readonly PodFailurePolicyRule[] as PodFailurePolicyRule[] }, of), want);
  });

test('only ignored failures do not count', () => {
  assert.deepEqual(
    [{}, { action: 'Count' }, { action: 'FailIndex' }, { action: 'Ignore' }].map((one) => isCounted(one as never)),
    [true, true, true, false],
  );
});
