import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, ReplicaSet } from '../../../api/apps/v1/types.ts';
import { sizeAnnotations } from './annotations.ts';
import { rolloutOf, type Rollout } from './rollout.ts';
import { newSetSize, planRollout, planScaling, wasScaled } from './scaling.ts';

interface Case {
  readonly name: string;
  readonly replicas: number;
  readonly surge?: number | string;
  readonly unavailable?: number | string;
  readonly recreate?: boolean;
  /** Wanted and available pods of the new set; absent: not made yet. */
  readonly fresh?: readonly [number, number];
  /** Of the old sets, oldest first. */
  readonly old?: readonly (readonly [number, number])[];
  readonly oldPodsLeft?: boolean;
  /** The number of replicas (and the most pods) at the time the sets were sized. */
  readonly before?: readonly [number, number];
  readonly want: Readonly<Record<string, number>>;
}

function setOf(
  name: string,
  [replicas, available]: readonly [number, number],
  second: number,
  before: readonly [number, number],
): ReplicaSet {
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: `2026-01-01T00:00:0${second}Z`,
      annotations: sizeAnnotations(...before),
    },
    spec: { replicas, selector: {}, template: template(name === 'new' ? 'v2' : `v1-${name}`) },
    status: { replicas, availableReplicas: available },
  };
}

function template(image: string) {
  return { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image }] } };
}

function rollout({
  replicas,
  surge = '25%',
  unavailable = '25%',
  recreate,
  fresh,
  old = [],
  before = [replicas, replicas + 1],
}: Case): Rollout {
  const strategy: Deployment['spec']['strategy'] =
    recreate === true
      ? { type: 'Recreate' }
      : { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } };
  const deployment = {
    metadata: { name: 'web' },
    spec: { replicas, strategy, selector: {}, template: template('v2') },
  } as Deployment;
  const sets = old.map((size, index) => setOf(`old${index + 1}`, size, index, before));
  if (fresh !== undefined) sets.push(setOf('new', fresh, 9, before));
  return rolloutOf(deployment, sets);
}

function sizes(scales: ReturnType<typeof planScaling>): Record<string, number> {
  return Object.fromEntries(scales.map(({ set, replicas }) => [set.metadata.name, replicas]));
}

const rolling: readonly Case[] = [
  {
    name: 'grows the new set as far as the surge allows',
    replicas: 10,
    surge: 3,
    fresh: [0, 0],
    old: [[10, 10]],
    want: { new: 3 },
  },
  {
    name: 'takes old pods away as new ones become available',
    replicas: 2,
    fresh: [1, 1],
    old: [[2, 2]],
    want: { old1: 1 },
  },
  { name: 'waits while the new pods are not available', replicas: 2, fresh: [1, 0], old: [[2, 2]], want: {} },
  {
    name: 'may take old pods away at once where some may be missing',
    replicas: 4,
    fresh: [1, 0],
    old: [[4, 4]],
    want: { old1: 3 },
  },
  {
    name: 'takes unavailable old pods first, from the oldest set',
    replicas: 10,
    surge: 2,
    unavailable: 0,
    fresh: [5, 5],
    old: [
      [4, 4],
      [3, 1],
    ],
    want: { old2: 1 },
  },
  {
    name: 'then goes on with available ones, oldest set first',
    replicas: 10,
    surge: 5,
    unavailable: 0,
    fresh: [10, 10],
    old: [
      [2, 2],
      [3, 3],
    ],
    want: { old1: 0, old2: 0 },
  },
  { name: 'shrinks a new set that is too large', replicas: 3, fresh: [5, 5], old: [], want: { new: 3 } },
  { name: 'has nothing to do when all is new', replicas: 3, fresh: [3, 3], old: [[0, 0]], want: {} },
  {
    name: 'treats no surge and no missing pods as one missing',
    replicas: 3,
    surge: 0,
    unavailable: 0,
    fresh: [0, 0],
    old: [[3, 3]],
    want: { old1: 2 },
  },
  { name: 'recreates: old pods go first', replicas: 3, recreate: true, old: [[3, 3]], want: { old1: 0 } },
  {
    name: 'recreates: nothing new while an old pod is left',
    replicas: 3,
    recreate: true,
    fresh: [0, 0],
    old: [[0, 0]],
    oldPodsLeft: true,
    want: {},
  },
  {
    name: 'recreates: then all new pods at once',
    replicas: 3,
    recreate: true,
    fresh: [0, 0],
    old: [[0, 0]],
    want: { new: 3 },
  },
];

for (const one of rolling) {
  test(`a rollout ${one.name}`, () => {
    assert.deepEqual(sizes(planRollout(rollout(one), one.oldPodsLeft ?? false)), one.want);
  });
}

const scaling: readonly Case[] = [
  {
    name: 'the only active set takes the new size',
    replicas: 5,
    fresh: [3, 3],
    old: [[0, 0]],
    before: [3, 4],
    want: { new: 5 },
  },
  {
    name: 'without a new set the latest old one does',
    replicas: 5,
    old: [
      [0, 0],
      [3, 3],
    ],
    before: [3, 4],
    want: { old2: 5 },
  },
  {
    name: 'in the midst of a rollout each set grows by its share',
    replicas: 15,
    surge: 3,
    unavailable: 2,
    fresh: [5, 0],
    old: [[8, 8]],
    before: [10, 13],
    want: { new: 7, old1: 11 },
  },
  {
    name: 'and shrinks by its share',
    replicas: 5,
    surge: 3,
    unavailable: 2,
    fresh: [5, 0],
    old: [[8, 8]],
    before: [10, 13],
    want: { new: 3, old1: 5 },
  },
  {
    name: 'down to nothing all sets go',
    replicas: 0,
    fresh: [5, 0],
    old: [[8, 8]],
    before: [10, 13],
    want: { new: 0, old1: 0 },
  },
  {
    name: 'when the new set has all that is wanted the old ones go',
    replicas: 3,
    fresh: [3, 3],
    old: [[1, 1]],
    before: [3, 4],
    want: { old1: 0 },
  },
  {
    name: 'where nothing was scaled nothing happens',
    replicas: 10,
    surge: 3,
    fresh: [5, 0],
    old: [[8, 8]],
    before: [10, 13],
    want: {},
  },
];

for (const one of scaling) {
  test(`scaling: ${one.name}`, () => {
    assert.deepEqual(sizes(planScaling(rollout(one))), one.want);
  });
}

test('scaling is noticed by what the active sets were sized for', () => {
  const base = { name: '', want: {}, fresh: [3, 3] as const, before: [3, 4] as const };
  assert.equal(wasScaled(rollout({ ...base, replicas: 3 })), false);
  assert.equal(wasScaled(rollout({ ...base, replicas: 4 })), true);
  assert.equal(wasScaled(rollout({ ...base, replicas: 4, fresh: [0, 0] })), false);
});

test('a set that is yet to be made starts within the surge', () => {
  assert.equal(newSetSize(rollout({ name: '', replicas: 2, old: [[2, 2]], want: {} })), 1);
  assert.equal(newSetSize(rollout({ name: '', replicas: 2, want: {} })), 2);
  assert.equal(newSetSize(rollout({ name: '', replicas: 2, old: [[4, 4]], want: {} })), 0);
});
