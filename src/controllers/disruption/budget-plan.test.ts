import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.ts';
import type { PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { planBudget } from './budget-plan.ts';

const now = Date.UTC(2026, 0, 1);

function pods(healthy: number, ill = 0): Pod[] {
  return Array.from({ length: healthy + ill }, (_, n) => ({
    metadata: { name: `p${n}` },
    spec: { containers: [] },
    status: { conditions: [{ type: 'Ready', status: n < healthy ? 'True' : 'False' }] },
  }));
}

const cases: readonly {
  name: string;
  spec: PodDisruptionBudget['spec'];
  healthy: number;
  ill?: number;
  wanted: number;
  want: [allowed: number, healthy: number, desired: number, expected: number];
}[] = [
  { name: 'one of one that must be available', spec: { minAvailable: 1 }, healthy: 1, wanted: 1, want: [0, 1, 1, 1] },
  {
    name: 'one beyond those that must be available',
    spec: { minAvailable: 1 },
    healthy: 2,
    wanted: 2,
    want: [1, 2, 1, 2],
  },
  {
    name: 'an ill one uses up what may be missing',
    spec: { maxUnavailable: 1 },
    healthy: 2,
    ill: 1,
    wanted: 3,
    want: [0, 2, 2, 3],
  },
  {
    name: 'half of an odd number is rounded up',
    spec: { minAvailable: '50%' },
    healthy: 5,
    wanted: 5,
    want: [2, 5, 3, 5],
  },
  {
    name: 'a share that may be missing, too',
    spec: { maxUnavailable: '30%' },
    healthy: 7,
    wanted: 7,
    want: [3, 7, 4, 7],
  },
  { name: 'nothing of nothing', spec: { maxUnavailable: 1 }, healthy: 0, wanted: 0, want: [0, 0, 0, 0] },
];

for (const { name, spec, healthy, ill, wanted, want } of cases) {
  test(`evictions allowed: ${name}`, () => {
    const { status } = planBudget(
      { metadata: { name: 'b', generation: 1 }, spec },
      { pods: pods(healthy, ill), wanted },
      now,
    );
    assert.deepEqual(
      [status.disruptionsAllowed, status.currentHealthy, status.desiredHealthy, status.expectedPods],
      want,
    );
    assert.equal(status.conditions?.[0]?.reason, want[0] > 0 ? 'SufficientPods' : 'InsufficientPods');
  });
}

test('an eviction that was granted counts until the pod is seen to go, two minutes at most', () => {
  const budget = (time: string): PodDisruptionBudget => ({
    metadata: { name: 'b' },
    spec: { minAvailable: 1 },
    status: {
      disruptedPods: { p0: time, gone: time },
      currentHealthy: 2,
      desiredHealthy: 1,
      disruptionsAllowed: 0,
      expectedPods: 2,
    },
  });
  const fresh = planBudget(budget('2025-12-31T23:59:00Z'), { pods: pods(2), wanted: 2 }, now);
  assert.deepEqual(
    [fresh.status.disruptionsAllowed, fresh.status.disruptedPods, fresh.againAfterMs, fresh.overdue],
    [0, { p0: '2025-12-31T23:59:00Z' }, 60_000, []],
  );
  const old = planBudget(budget('2025-12-31T23:57:00Z'), { pods: pods(2), wanted: 2 }, now);
  assert.deepEqual([old.status.disruptionsAllowed, old.status.disruptedPods], [1, undefined]);
  assert.deepEqual(
    old.overdue.map(({ metadata }) => metadata.name),
    ['p0'],
  );
});
