import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.ts';
import { countByRatio, countByShare, countByUtilization, countByValue, type Count } from './replica-count.ts';

const now = Date.parse('2030-01-01T01:00:00Z');
const tolerance = { up: 0.1, down: 0.1 };

type Kind = 'ready' | 'pending' | 'starting' | 'never ready' | 'ending' | 'failed' | 'silent';
const hour = '2030-01-01T00:00:00Z';
const justNow = '2030-01-01T00:59:50Z';

function podOf(kind: Kind, name: string): Pod {
  const isReady = kind === 'ready' || kind === 'silent' || kind === 'ending';
  const startTime = kind === 'starting' ? justNow : hour;
  const phase = kind === 'pending' ? 'Pending' : kind === 'failed' ? 'Failed' : 'Running';
  const conditions = [
    { type: 'Ready', status: isReady || kind === 'starting' ? 'True' : 'False', lastTransitionTime: startTime },
  ];
  return {
    metadata: { name, ...(kind === 'ending' && { deletionTimestamp: hour }) },
    spec: { containers: [{ name: 'a', image: 'a', resources: { requests: { cpu: '1' } } }] },
    status: { phase, startTime, conditions },
  } as Pod;
}

function question(pods: readonly Kind[], used: number, resource: string, current = pods.length) {
  const named = pods.map((kind, i) => [kind, `p-${i}`] as const);
  const measured = named.filter(([kind]) => kind !== 'silent' && kind !== 'pending');
  return {
    pods: named.map(([kind, name]) => podOf(kind, name)),
    samples: new Map(measured.map(([, name]) => [name, { value: used, at: now, windowMs: 30_000 }])),
    current,
    tolerance,
    resource,
    now,
  };
}

const rows: readonly { name: string; pods: readonly Kind[]; used: number; resource?: string; want: number | string }[] =
  [
    { name: 'twice what they should', pods: ['ready', 'ready'], used: 1000, want: 4 },
    { name: 'half of it', pods: ['ready', 'ready', 'ready', 'ready'], used: 250, want: 2 },
    { name: 'little more than they should', pods: ['ready', 'ready'], used: 549, want: 2 },
    { name: 'too much, where some have not started', pods: ['ready', 'ready', 'pending'], used: 1000, want: 4 },
    { name: 'twice, where one is silent', pods: ['ready', 'ready', 'silent'], used: 1000, want: 4 },
    { name: 'too much, where half are silent', pods: ['ready', 'silent'], used: 600, want: 2 },
    { name: 'too little, where one is silent', pods: ['ready', 'ready', 'silent'], used: 100, want: 2 },
    { name: 'too much, where one only starts', pods: ['ready', 'starting'], used: 2000, want: 4 },
    {
      name: 'too much memory, where one only starts',
      pods: ['ready', 'starting'],
      used: 1000,
      resource: 'memory',
      want: 4,
    },
    { name: 'too much, where one is going', pods: ['ready', 'ending'], used: 1000, want: 2 },
    { name: 'too much, where one has failed', pods: ['ready', 'failed'], used: 1000, want: 2 },
    {
      name: 'nothing that can be told',
      pods: ['never ready'],
      used: 1000,
      want: 'did not receive metrics for targeted pods (pods might be unready)',
    },
    { name: 'nothing', pods: [], used: 0, want: 'no pods returned by selector while calculating replica count' },
  ];

const told = (count: () => Count): number | string => {
  try {
    return count().replicas;
  } catch (error) {
    return (error as Error).message;
  }
};

for (const { name, pods, used, resource = 'cpu', want } of rows)
  test(`pods that use ${name}`, () =>
    assert.deepEqual(
      told(() => countByValue(question(pods, used, resource), 500)),
      want,
    ));

test('a share is of what the pods request', () => {
  const { replicas, utilization, usage } = countByUtilization(question(['ready', 'ready'], 900, 'cpu'), 50);
  assert.deepEqual([replicas, utilization, usage], [4, 90, 900]);
});

test('of silent pods a share counts as whole where pods are to go', () =>
  assert.equal(countByUtilization(question(['ready', 'ready', 'silent'], 300, 'cpu'), 100).replicas, 2));

test('a share of what is not requested cannot be told', () => {
  const asked = question(['ready'], 900, 'memory');
  assert.equal(
    told(() => countByUtilization(asked, 50)),
    'missing request for memory in container a of Pod p-0',
  );
  assert.equal(
    told(() => countByUtilization({ ...asked, resource: 'cpu' }, 50, 'b')),
    'container b not found in Pod p-0',
  );
});

test('one value is held against ready pods, or is theirs together', () => {
  const { pods } = question(['ready', 'ready', 'pending'], 0, 'cpu');
  assert.equal(countByRatio(pods, 3, 2000, 1000, tolerance).replicas, 4);
  assert.equal(countByRatio(pods, 3, 1050, 1000, tolerance).replicas, 3);
  assert.equal(countByRatio([], 0, 2500, 1000, tolerance).replicas, 3);
  assert.deepEqual(countByShare(3, 7000, 1000, tolerance), { replicas: 7, usage: 2334 });
  assert.deepEqual(countByShare(3, 3100, 1000, tolerance), { replicas: 3, usage: 1034 });
});
