import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../api/core/v1/types.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { defaultPlugins } from '../plugins/default-plugins.ts';
import { infoOf, makeCluster, makeNode, type PodParts } from '../testing/objects.ts';
import type { ClusterState } from './cluster-state.ts';
import { fitMessage, fitMessageWithPreemption } from './fit-message.ts';
import { place, type Placement, type PlacementOptions } from './placement.ts';
import { preempt } from './preemption.ts';

function placed(parts: PodParts, cluster: ClusterState, more: Partial<PlacementOptions> = {}): Placement {
  return place(infoOf(parts), cluster, { plugins: defaultPlugins, random: new SeededRandom(1), ...more }).placement;
}

/** The name of the node, or what the pod's event says. */
function outcome(parts: PodParts, cluster: ClusterState): string {
  const placement = placed(parts, cluster);
  if (placement.fits) return placement.node.name;
  const pod = infoOf(parts);
  const preemption = preempt(pod, placement, cluster, {
    plugins: defaultPlugins,
    random: new SeededRandom(1),
    budgets: [],
  });
  return preemption.helps
    ? fitMessage(placement)
    : fitMessageWithPreemption(placement, preemption.message, 'no new claims to deallocate');
}

const named = (name: string): Partial<PodSpec> =>
  ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }],
        },
      },
    },
  }) as Partial<PodSpec>;
const hopeless = '3 Preemption is not helpful for scheduling.';
const three = [makeNode('a'), makeNode('b'), makeNode('c')];

const messages: { name: string; cluster?: ClusterState; pod: PodParts; want: string }[] = [
  {
    name: 'asks for more than any node has',
    pod: { requests: { cpu: '1000' } },
    want: `0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: ${hopeless}`,
  },
  {
    name: 'is kept away for several reasons, in the order of their texts',
    cluster: makeCluster([
      makeNode('a', { taints: [{ key: 'x', effect: 'NoSchedule' }] }),
      makeNode('b'),
      makeNode('c'),
    ]),
    pod: { requests: { cpu: '5' } },
    want: `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: ${hopeless}`,
  },
  {
    name: 'would fit if pods of its own priority went',
    cluster: makeCluster(three, { a: [{ requests: { cpu: '4' } }], b: [{ requests: { cpu: '4' } }] }),
    pod: { requests: { cpu: '3' }, spec: { nodeSelector: { 'kubernetes.io/hostname': 'a' } } },
    want: "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
  },
  {
    name: 'may go to one full node only',
    cluster: makeCluster(three, { a: [{ requests: { cpu: '4' } }] }),
    pod: { requests: { cpu: '1' }, spec: named('a') },
    want: "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims to deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
  },
  {
    name: 'must not make others go',
    pod: { requests: { cpu: '5' }, spec: { preemptionPolicy: 'Never' } },
    want: '0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  },
  { name: 'finds no nodes at all', cluster: makeCluster([]), pod: {}, want: 'no nodes available to schedule pods' },
];
for (const { name, cluster = makeCluster(three), pod, want } of messages)
  test(`the event of a pod that ${name}`, () => {
    assert.equal(outcome(pod, cluster), want);
  });

test('a pod goes to the emptiest node, and equal nodes get their turns by chance', () => {
  const cluster = makeCluster(three, {
    a: [{ requests: { cpu: '2', memory: '2Gi' } }],
    c: [{ requests: { cpu: '1', memory: '1Gi' } }],
  });
  assert.equal(outcome({ requests: { cpu: '1', memory: '1Gi' } }, cluster), 'b');
  const random = new SeededRandom(1);
  const chosen = Array.from({ length: 100 }, () => placed({}, makeCluster(three), { random }));
  assert.equal(new Set(chosen.map((placement) => placement.fits && placement.node.name)).size, 3);
});

test('a pod that names its node by affinity is tried there only', () => {
  assert.equal(outcome({ spec: named('b') }, makeCluster(three)), 'b');
});

test('a pod for which room was made goes there, if it still fits', () => {
  const cluster = makeCluster(three, { b: [{ requests: { cpu: '3' } }] });
  assert.equal(outcome({ requests: { cpu: '1' }, status: { nominatedNodeName: 'b' } }, cluster), 'b');
  assert.notEqual(outcome({ requests: { cpu: '2' }, status: { nominatedNodeName: 'b' } }, cluster), 'b');
});

test('room that was made for an important pod is not given to a lesser one', () => {
  const cluster = makeCluster([makeNode('a')]);
  const important = infoOf({ name: 'important', requests: { cpu: '3' }, spec: { priority: 10 } });
  const nominated = (): (typeof important)[] => [important];
  assert.equal(placed({ requests: { cpu: '2' } }, cluster, { nominated }).fits, false);
  assert.equal(placed({ requests: { cpu: '2' }, spec: { priority: 11 } }, cluster, { nominated }).fits, true);
  assert.equal(placed({ requests: { cpu: '1' } }, cluster, { nominated }).fits, true);
});

test('in a big cluster enough nodes are looked at, from where the last search ended', () => {
  const cluster = makeCluster(Array.from({ length: 1000 }, (_, i) => makeNode(`n${i}`)));
  const random = new SeededRandom(1);
  const first = place(infoOf({}), cluster, { plugins: defaultPlugins, random, startAt: 900 });
  assert.equal(first.looked, 420);
  assert.ok(first.placement.fits);
  const index = Number(first.placement.node.name.slice(1));
  assert.ok(index >= 900 || index < 320);
});

test('equal pods take the nodes of one search one after the other, each node as it is by then', () => {
  const nodes = Array.from({ length: 4 }, (_, i) =>
    makeNode(`n${i}`, { allocatable: { cpu: '2', memory: '8Gi', pods: '10' } }),
  );
  const cluster = makeCluster(nodes, { n3: [{ requests: { cpu: '1' } }] });
  const random = new SeededRandom(1);
  const wanting = (name: string) => infoOf({ name, requests: { cpu: '1', memory: '1Gi' } });
  const first = place(wanting('p0'), cluster, { plugins: defaultPlugins, random });
  assert.ok(first.placement.fits && first.ranking);
  let taken = first.placement.node;
  const names = [taken.name];
  for (let i = 1; i < 4; i++) {
    cluster.addPod(wanting(`p${i - 1}`), taken.name);
    taken = first.ranking.next(wanting(`p${i}`), [taken], random)!;
    names.push(taken.name);
  }
  assert.deepEqual(new Set(names.slice(0, 3)), new Set(['n0', 'n1', 'n2']));
  assert.ok(names[3] !== undefined);
  assert.equal(first.ranking.next(wanting('p4'), [taken], random), undefined, 'others shall have their turn');
});

test('a search beside pods that are to come serves one pod', () => {
  const cluster = makeCluster(three);
  const options = { plugins: defaultPlugins, random: new SeededRandom(1) };
  assert.notEqual(place(infoOf({}), cluster, options).ranking, undefined);
  assert.equal(place(infoOf({}), cluster, { ...options, nominated: () => [] }).ranking, undefined);
});
