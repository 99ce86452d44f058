import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../api/core/v1/types.ts';
import { deletionCostAnnotation, podsToDelete } from './deletion-order.ts';

const now = Date.UTC(2026, 0, 2);

interface Traits {
  readonly node?: string;
  readonly phase?: string;
  readonly ready?: boolean;
  readonly readySince?: string;
  readonly created?: string;
  readonly cost?: string;
  readonly restarts?: number;
}

function pod(name: string, traits: Traits = {}): Pod {
  const { node = 'n1', phase = 'Running', ready = true, readySince = '2026-01-01T00:00:00Z', cost, restarts } = traits;
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: traits.created ?? '2026-01-01T00:00:00Z',
      ...(cost === undefined ? {} : { annotations: { [deletionCostAnnotation]: cost } }),
    },
    spec: { containers: [], ...(node === '' ? {} : { nodeName: node }) },
    status: {
      phase: phase as 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: readySince }],
      ...(restarts === undefined
        ? {}
        : { containerStatuses: [{ name: 'a', image: '', imageID: '', ready, restartCount: restarts }] }),
    },
  };
}

const cases: readonly { name: string; pods: Pod[]; first: string; related?: Pod[] }[] = [
  { name: 'one without a node before one with', pods: [pod('a'), pod('b', { node: '' })], first: 'b' },
  {
    name: 'a pending one before a running one',
    pods: [pod('a', { ready: false }), pod('b', { phase: 'Pending', ready: false })],
    first: 'b',
  },
  { name: 'one that is not ready before one that is', pods: [pod('a'), pod('b', { ready: false })], first: 'b' },
  { name: 'the cheaper one', pods: [pod('a', { cost: '10' }), pod('b', { cost: '-5' })], first: 'b' },
  {
    name: 'a cost that is no number counts as none',
    pods: [pod('a', { cost: '1e9' }), pod('b', { cost: '-1' })],
    first: 'b',
  },
  {
    name: 'one on the node with more of its kind',
    pods: [pod('a', { node: 'n1' }), pod('b', { node: 'n2' })],
    related: [pod('a', { node: 'n1' }), pod('b', { node: 'n2' }), pod('c', { node: 'n2' })],
    first: 'b',
  },
  {
    name: 'one that became ready just now',
    pods: [pod('a'), pod('b', { readySince: '2026-01-01T23:59:00Z' })],
    first: 'b',
  },
  { name: 'one that restarted often', pods: [pod('a', { restarts: 1 }), pod('b', { restarts: 7 })], first: 'b' },
  { name: 'the younger one', pods: [pod('a'), pod('b', { created: '2026-01-01T23:50:00Z' })], first: 'b' },
  {
    name: 'among pods of about the same age the smaller uid',
    pods: [pod('b', { created: '2026-01-01T00:00:01Z' }), pod('a')],
    first: 'a',
  },
];

for (const { name, pods, first, related = pods } of cases) {
  test(`deleted first: ${name}`, () => {
    for (const order of [pods, pods.toReversed()])
      assert.deepEqual(
        podsToDelete(order, related, 1, now).map(({ metadata }) => metadata.name),
        [first],
      );
  });
}

test('all are deleted without an order when all must go', () => {
  assert.equal(podsToDelete([pod('a'), pod('b')], [], 2, now).length, 2);
});
