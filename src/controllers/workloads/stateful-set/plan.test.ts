import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatefulSet, StatefulSetSpec, StatefulSetStatus } from '../../../api/apps/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { revisionLabel } from './identity.ts';
import { planSteps, type ClaimsView, type Stages } from './plan.ts';
import { statefulStatus } from './stateful-status.ts';
import { isOfCurrent, viewOf } from './stateful-view.ts';

const now = Date.UTC(2026, 0, 1);

function setOf(spec: Partial<StatefulSetSpec> = {}, status?: StatefulSetStatus): StatefulSet {
  return {
    metadata: { name: 'db', namespace: 'default', uid: 'u' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'db' } },
      template: { spec: { containers: [] } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
    ...(status && { status }),
  };
}

/** `1 old`: the pod of the ordinal 1, running and ready, of the revision that is being left. */
function podOf(words: string): Pod {
  const [ordinal = '', ...is] = words.split(' ');
  const has = (word: string): boolean => is.includes(word);
  const phase = has('failed') ? 'Failed' : has('pending') ? 'Pending' : 'Running';
  const ready = phase === 'Running' && !has('unready') ? 'True' : 'False';
  return {
    metadata: {
      name: `db-${ordinal}`,
      labels: { [revisionLabel]: has('old') ? 'r1' : 'r2' },
      ...(has('going') ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { containers: [] },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime: '2025-12-31T23:59:50Z' }],
    },
  };
}

const viewWith = (set: StatefulSet, pods: readonly string[]) =>
  viewOf(set, { current: 'r1', update: 'r2' }, pods.map(podOf), now);

/** `+2` makes a pod, `-2` deletes one, `claim 2` and `repair 2` as they are called; stages are apart by `|`. */
function text(stages: Stages): string {
  const words = stages.map((stage) =>
    stage.map((step) => {
      if (step.kind === 'create') return `+${step.ordinal}`;
      const ordinal = step.pod.metadata.name.replace('db-', '');
      return step.kind === 'delete' ? `-${ordinal}` : `${step.kind} ${ordinal}`;
    }),
  );
  return words
    .filter((stage) => stage.length > 0)
    .map((stage) => stage.join(' '))
    .join(' | ');
}

interface Row {
  readonly name: string;
  readonly spec?: Partial<StatefulSetSpec>;
  readonly pods: string[];
  readonly want: string;
  readonly claims?: Partial<ClaimsView>;
}

const parallel: Partial<StatefulSetSpec> = { podManagementPolicy: 'Parallel' };
const upTo = (rollingUpdate: object): Partial<StatefulSetSpec> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate },
});

const rows: Row[] = [
  { name: 'the first', pods: [], want: '+0' },
  { name: 'waits until it runs', pods: ['0 pending'], want: 'claim 0' },
  { name: 'waits until it is ready', pods: ['0 unready'], want: '' },
  { name: 'waits until it has been ready for long enough', spec: { minReadySeconds: 11 }, pods: ['0'], want: '' },
  { name: 'the next', spec: { minReadySeconds: 10 }, pods: ['0'], want: '+1' },
  { name: 'from its start on', spec: { ordinals: { start: 4 } }, pods: ['4'], want: '+5' },
  { name: 'one in the middle', pods: ['0', '2'], want: '+1' },
  { name: 'one that is going is waited for', pods: ['0', '1 going', '2'], want: '' },
  { name: 'one that failed is deleted', pods: ['0', '1 failed', '2'], want: '-1' },
  { name: 'one that failed, once', pods: ['0', '1 failed going', '2'], want: '' },
  { name: 'the last one goes first', spec: { replicas: 1 }, pods: ['0', '1', '2'], want: '-2' },
  { name: 'then the one before it', spec: { replicas: 1 }, pods: ['0', '1', '2 going'], want: '' },
  { name: 'none goes while one that stays is not ready', spec: { replicas: 1 }, pods: ['0 unready', '1'], want: '' },
  { name: 'nor while a lower one is not', spec: { replicas: 1 }, pods: ['0', '1 unready', '2 unready'], want: '' },
  { name: 'the only one that is not ready goes', spec: { replicas: 1 }, pods: ['0', '1', '2 unready'], want: '-2' },
  { name: 'those before the start go too', spec: { ordinals: { start: 1 } }, pods: ['0', '1', '2', '3'], want: '-0' },
  {
    name: 'a claim that is still to be deleted',
    pods: ['0'],
    claims: { isBlocked: (ordinal) => ordinal === 1 },
    want: '',
  },
  {
    name: 'owners of claims',
    spec: { replicas: 1 },
    pods: ['0', '1'],
    claims: { needOwners: () => true },
    want: 'repair 0 | own 1 | -1',
  },
  { name: 'updated from the last one on', pods: ['0 old', '1 old', '2 old'], want: '-2' },
  { name: 'the updated one is waited for', pods: ['0 old', '1 old', '2 unready'], want: '' },
  { name: 'updated on', pods: ['0 old', '1 old', '2'], want: '-1' },
  { name: 'down to the partition', spec: upTo({ partition: 2 }), pods: ['0 old', '1 old', '2'], want: '' },
  { name: 'on delete', spec: { updateStrategy: { type: 'OnDelete' } }, pods: ['0 old', '1 old', '2 old'], want: '' },
  { name: 'a broken one stops an ordered set', pods: ['0 old', '1', '2 old unready'], want: '' },
  {
    name: 'as many as may be missing',
    spec: upTo({ maxUnavailable: 2 }),
    pods: ['0 old', '1 old', '2 old'],
    want: '-2 -1',
  },
  {
    name: 'a share, rounded down, one at least',
    spec: upTo({ maxUnavailable: '34%' }),
    pods: ['0 old', '1 old', '2 old'],
    want: '-2',
  },
  { name: 'parallel: all at once', spec: parallel, pods: ['1 pending'], want: '+0 claim 1 +2' },
  {
    name: 'parallel: and ended at once',
    spec: { ...parallel, replicas: 1 },
    pods: ['0', '1 unready', '2'],
    want: '-2 -1',
  },
  { name: 'parallel: updated one by one', spec: parallel, pods: ['0 old', '1 old', '2 old'], want: '-2' },
  { name: 'parallel: a broken one is passed over', spec: parallel, pods: ['0 old', '1', '2 old unready'], want: '-2' },
  {
    name: 'parallel: those missing count',
    spec: { ...parallel, ...upTo({ maxUnavailable: 2 }) },
    pods: ['0 old', '1 old', '2 unready'],
    want: '-1',
  },
];

for (const { name, spec, pods, want, claims } of rows) {
  test(`steps of a stateful set: ${name}`, () => {
    const free: ClaimsView = { isBlocked: () => false, needOwners: () => false, ...claims };
    assert.equal(text(planSteps(viewWith(setOf(spec), pods), free, () => false)), want);
  });
}

test('below the partition new pods are of the revision that is being left', () => {
  const ordinals = (set: StatefulSet) => [4, 5, 6].map((ordinal) => isOfCurrent(viewWith(set, []), ordinal));
  assert.deepEqual(ordinals(setOf({ ordinals: { start: 4 }, ...upTo({ partition: 1 }) })), [true, false, false]);
  const counted = setOf(
    { ordinals: { start: 4 }, updateStrategy: { type: 'RollingUpdate' } },
    { replicas: 3, currentReplicas: 2 },
  );
  assert.deepEqual(ordinals(counted), [true, true, false]);
});

test('the status counts pods, and the new revision becomes the current one when all are of it', () => {
  const shares = statefulStatus(viewWith(setOf(), ['0 old', '1 old', '2 unready']), 0, 1);
  assert.deepEqual(shares, {
    replicas: 3,
    readyReplicas: 2,
    availableReplicas: 2,
    currentReplicas: 1,
    updatedReplicas: 1,
    currentRevision: 'r1',
    updateRevision: 'r2',
    collisionCount: 0,
  });
  const { currentRevision, currentReplicas } = statefulStatus(viewWith(setOf(), ['0', '1', '2']), 0, 0);
  assert.deepEqual([currentRevision, currentReplicas], ['r2', 3]);
});
