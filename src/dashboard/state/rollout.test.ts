import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../../api/apps/v1/types.ts';
import { rolloutOf, type Rollout } from './rollout.ts';

const rollouts: { name: string; spec?: object; status?: object; generation?: number; want: Rollout }[] = [
  { name: 'all new and available', want: { tone: 'good', text: 'complete' } },
  {
    name: 'no pods wanted',
    spec: { replicas: 0 },
    status: counts(0, 0, 0),
    want: { tone: 'plain', text: 'scaled to zero' },
  },
  { name: 'paused', spec: { replicas: 3, paused: true }, want: { tone: 'plain', text: 'paused' } },
  {
    name: 'a spec that its controller has not seen',
    generation: 2,
    want: { tone: 'busy', text: 'waiting to be seen' },
  },
  { name: 'new pods missing', status: counts(3, 1, 3), want: { tone: 'busy', text: '1 of 3 updated' } },
  { name: 'old pods left', status: counts(5, 3, 5), want: { tone: 'busy', text: '2 old to go' } },
  { name: 'new pods not available', status: counts(3, 3, 2), want: { tone: 'busy', text: '2 of 3 available' } },
  {
    name: 'out of time',
    status: {
      ...counts(4, 1, 3),
      conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
    },
    want: { tone: 'bad', text: 'stuck: took longer than its deadline' },
  },
  { name: 'no status yet', status: {}, want: { tone: 'busy', text: 'waiting to be seen' } },
];

for (const { name, spec = { replicas: 3 }, status = counts(3, 3, 3), generation = 1, want } of rollouts)
  test(`A rollout with ${name} is "${want.text}"`, () => {
    const deployment = { metadata: { name: 'web', generation }, spec, status } as unknown as Deployment;
    assert.deepEqual(rolloutOf(deployment), want);
  });

function counts(replicas: number, updatedReplicas: number, availableReplicas: number) {
  return { observedGeneration: 1, replicas, updatedReplicas, availableReplicas };
}
