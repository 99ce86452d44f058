import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod, Taint } from '../../api/core/v1/types.ts';
import { evictionTime } from './taint-eviction.ts';
import { noExecuteMark, noScheduleMarks, planTaints } from './taints.ts';

function node(conditions: Record<string, string>, more: Partial<Node['spec']> = {}): Node {
  return {
    metadata: { name: 'n' },
    spec: more,
    status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status: status as 'True' })) },
  };
}

const marks: readonly { name: string; node: Node; want: string[] }[] = [
  { name: 'a node that is well has none', node: node({ Ready: 'True', MemoryPressure: 'False' }), want: [] },
  { name: 'one that is not ready', node: node({ Ready: 'False' }), want: ['not-ready'] },
  { name: 'one that is silent', node: node({ Ready: 'Unknown' }), want: ['unreachable'] },
  {
    name: 'one under pressure',
    node: node({ Ready: 'True', MemoryPressure: 'True', PIDPressure: 'True' }),
    want: ['memory-pressure', 'pid-pressure'],
  },
  { name: 'one that is cordoned', node: node({ Ready: 'True' }, { unschedulable: true }), want: ['unschedulable'] },
];

for (const { name, node: one, want } of marks) {
  test(`NoSchedule taints: ${name}`, () => {
    assert.deepEqual(
      noScheduleMarks(one).map(({ key }) => key.replace('node.kubernetes.io/', '')),
      want,
    );
  });
}

test('only nodes that are not well drive pods off', () => {
  assert.equal(noExecuteMark(node({ Ready: 'True', DiskPressure: 'True' })), undefined);
  assert.equal(noExecuteMark(node({ Ready: 'Unknown' }))?.key, 'node.kubernetes.io/unreachable');
});

test("others' taints stay, ours keep their time, and what is right is not written", () => {
  const theirs: Taint = { key: 'example.com/dedicated', value: 'ops', effect: 'NoSchedule' };
  const ours: Taint = {
    key: 'node.kubernetes.io/unreachable',
    effect: 'NoSchedule',
    timeAdded: '2026-01-01T00:00:00Z',
  };
  const tainted = node({ Ready: 'Unknown' }, { taints: [theirs, ours] });
  const now = Date.UTC(2026, 0, 2);
  assert.equal(planTaints(tainted, noScheduleMarks(tainted), now), undefined);
  assert.deepEqual(planTaints(tainted, [...noScheduleMarks(tainted), noExecuteMark(tainted)!], now), [
    theirs,
    ours,
    { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: '2026-01-02T00:00:00Z' },
  ]);
  assert.deepEqual(planTaints(tainted, [], now), [theirs]);
});

const taint: Taint = { key: 'k', effect: 'NoExecute', timeAdded: '2026-01-01T00:01:00Z' };
const evictions: readonly { name: string; tolerations: object[]; want: number | undefined }[] = [
  { name: 'at once without a toleration', tolerations: [], want: 60 },
  { name: 'never with one for all', tolerations: [{ operator: 'Exists' }], want: undefined },
  {
    name: 'after its patience',
    tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }],
    want: 90,
  },
  {
    name: 'after the least patience of several',
    tolerations: [
      { key: 'k', operator: 'Exists', tolerationSeconds: 30 },
      { operator: 'Exists', tolerationSeconds: 5 },
    ],
    want: 65,
  },
  {
    name: 'at once if the toleration is of another effect',
    tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }],
    want: 60,
  },
  { name: 'at once if the value differs', tolerations: [{ key: 'k', value: 'v' }], want: 60 },
];

for (const { name, tolerations, want } of evictions) {
  test(`a pod on a tainted node goes ${name}`, () => {
    const pod = {
      metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { containers: [], tolerations },
    } as Pod;
    assert.equal(evictionTime(pod, [taint]), want === undefined ? undefined : Date.UTC(2026, 0, 1) + want * 1000);
  });
}
