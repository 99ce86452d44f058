import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HPAScalingRules } from '../../api/autoscaling/v2/types.ts';
import { bounded, type History } from './bounds.ts';

const now = 3_600_000;
const scaleTargetRef = { kind: 'Deployment', name: 'web' };
const pods = (value: number, periodSeconds = 60) => ({ type: 'Pods', value, periodSeconds });
const percent = (value: number, periodSeconds = 60) => ({ type: 'Percent', value, periodSeconds });
const rules = (...policies: HPAScalingRules['policies'] & object): HPAScalingRules => ({
  selectPolicy: 'Max',
  stabilizationWindowSeconds: 0,
  policies,
});

const rows: readonly {
  name: string;
  current: number;
  desired: number;
  up?: HPAScalingRules;
  down?: HPAScalingRules;
  /** Seconds ago: size. */
  recommended?: Readonly<Record<number, number>>;
  /** Seconds ago: by how much. */
  changed?: Readonly<Record<number, number>>;
  want: number;
  able?: string;
  limit?: string;
}[] = [
  { name: 'within range is taken', current: 3, desired: 4, want: 4 },
  { name: 'more than the maximum is the maximum', current: 15, desired: 25, want: 20, limit: 'TooManyReplicas' },
  { name: 'less than the minimum is the minimum', current: 3, desired: 1, want: 2, limit: 'TooFewReplicas' },
  { name: 'at most twice as many', current: 3, desired: 9, want: 6, limit: 'ScaleUpLimit' },
  { name: 'or four', current: 2, desired: 9, want: 4, limit: 'ScaleUpLimit' },
  {
    name: 'less only when nothing of the last five minutes was more',
    current: 8,
    desired: 3,
    recommended: { 299: 6, 301: 8 },
    want: 6,
    able: 'ScaleDownStabilized',
  },
  { name: 'three pods a minute', current: 8, desired: 15, up: rules(pods(3)), want: 11, limit: 'ScaleUpLimit' },
  {
    name: 'three pods a minute, of which one has been made',
    current: 8,
    desired: 15,
    up: rules(pods(3)),
    changed: { 59: 1, 61: 5 },
    want: 10,
    limit: 'ScaleUpLimit',
  },
  {
    name: 'the larger of two policies',
    current: 10,
    desired: 20,
    up: rules(pods(3), percent(45)),
    want: 15,
    limit: 'ScaleUpLimit',
  },
  {
    name: 'the smaller of two policies',
    current: 10,
    desired: 20,
    up: { ...rules(pods(3), percent(45)), selectPolicy: 'Min' },
    want: 13,
    limit: 'ScaleUpLimit',
  },
  {
    name: 'nothing where it is disabled',
    current: 10,
    desired: 3,
    down: { ...rules(pods(9)), selectPolicy: 'Disabled' },
    want: 10,
    limit: 'ScaleDownLimit',
  },
  { name: 'half of them', current: 9, desired: 3, down: rules(percent(50)), want: 4, limit: 'ScaleDownLimit' },
  {
    name: 'no more than the lowest of the window',
    current: 5,
    desired: 9,
    up: { ...rules(pods(9)), stabilizationWindowSeconds: 30 },
    recommended: { 29: 7, 31: 2 },
    want: 7,
    able: 'ScaleUpStabilized',
  },
  {
    name: 'no less than the highest of the window',
    current: 5,
    desired: 2,
    down: { ...rules(pods(9)), stabilizationWindowSeconds: 30 },
    recommended: { 29: 4, 31: 9 },
    want: 4,
    able: 'ScaleDownStabilized',
  },
];

for (const { name, current, desired, up, down, recommended = {}, changed = {}, want, able, limit } of rows)
  test(`a size: ${name}`, () => {
    const behavior = { scaleUp: up ?? rules(pods(99)), scaleDown: down ?? rules(pods(99)) };
    const at = (ago: string): number => now - Number(ago) * 1000;
    const history: History = {
      recommendations: Object.entries(recommended).map(([ago, replicas]) => ({ replicas, at: at(ago) })),
      changes: Object.entries(changed).map(([ago, by]) => ({ by, at: at(ago) })),
    };
    const spec = { scaleTargetRef, minReplicas: 2, maxReplicas: 20, ...((up ?? down) && { behavior }) };
    const found = bounded({ spec, current, desired, now }, history);
    assert.deepEqual(
      [found.replicas, found.able.reason, found.limited.isLimited, found.limited.reason],
      [want, able ?? 'ReadyForNewScale', limit !== undefined, limit ?? 'DesiredWithinRange'],
    );
    assert.deepEqual(history.recommendations.at(-1), { replicas: desired, at: now });
  });
