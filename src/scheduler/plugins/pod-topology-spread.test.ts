import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TopologySpreadConstraint } from '../../api/core/v1/types.ts';
import { makeCluster, makeNode, type NodeParts, type PodParts } from '../testing/objects.ts';
import { scores, verdicts } from '../testing/verdicts.ts';
import { podTopologySpread } from './pod-topology-spread.ts';

const zoned = (name: string, parts: NodeParts = {}) =>
  makeNode(name, { ...parts, labels: { zone: name[0]!, ...parts.labels } });
const web = { app: 'web' };
const webs = (count: number): PodParts[] => Array.from({ length: count }, () => ({ labels: web }));
const evenly = (more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: 'zone',
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: web },
  ...more,
});
const spread = (...topologySpreadConstraints: TopologySpreadConstraint[]): PodParts => ({
  labels: web,
  spec: { topologySpreadConstraints },
});

const uneven = "node(s) didn't match pod topology spread constraints +";
const unlabelled = "node(s) didn't match pod topology spread constraints (missing required label)";

const rows: { name: string; there: Record<string, PodParts[]>; pod: PodParts; want: string[] }[] = [
  { name: 'without constraints', there: { a1: webs(5) }, pod: { labels: web }, want: ['fits', 'fits', 'fits', 'fits'] },
  {
    name: 'goes where fewer are',
    there: { a1: webs(1) },
    pod: spread(evenly()),
    want: [uneven, uneven, 'fits', unlabelled],
  },
  {
    name: 'goes anywhere while all are even',
    there: { a1: webs(1), b1: webs(1) },
    pod: spread(evenly()),
    want: ['fits', 'fits', 'fits', unlabelled],
  },
  {
    name: 'is allowed a larger skew',
    there: { a1: webs(1) },
    pod: spread(evenly({ maxSkew: 2 })),
    want: ['fits', 'fits', 'fits', unlabelled],
  },
  {
    name: 'does not count itself where it is not meant',
    there: { a1: webs(1) },
    pod: { ...spread(evenly()), labels: {} },
    want: ['fits', 'fits', 'fits', unlabelled],
  },
  {
    name: 'does not count pods that are going',
    there: { a1: [{ labels: web, terminating: true }] },
    pod: spread(evenly()),
    want: ['fits', 'fits', 'fits', unlabelled],
  },
  {
    name: 'does not count other namespaces',
    there: { a1: [{ labels: web, namespace: 'x' }] },
    pod: spread(evenly()),
    want: ['fits', 'fits', 'fits', unlabelled],
  },
  {
    name: 'counts by node',
    there: { a1: webs(1) },
    pod: spread(evenly({ topologyKey: 'kubernetes.io/hostname' })),
    want: [uneven, 'fits', 'fits', 'fits'],
  },
  {
    name: 'wants three zones where there are two',
    there: { a1: webs(1), b1: webs(1) },
    pod: spread(evenly({ minDomains: 3 })),
    want: [uneven, uneven, uneven, unlabelled],
  },
  {
    name: 'counts only nodes that it could go to',
    there: { a1: webs(1) },
    pod: { labels: web, spec: { nodeSelector: { zone: 'a' }, topologySpreadConstraints: [evenly()] } },
    want: ['fits', 'fits', 'fits', unlabelled],
  },
  {
    name: 'counts all nodes if told so',
    there: { a1: webs(1) },
    pod: {
      labels: web,
      spec: { nodeSelector: { zone: 'a' }, topologySpreadConstraints: [evenly({ nodeAffinityPolicy: 'Ignore' })] },
    },
    want: [uneven, uneven, 'fits', unlabelled],
  },
  {
    name: 'meets two constraints at once',
    there: { a1: webs(1), b1: webs(1) },
    pod: spread(evenly(), evenly({ topologyKey: 'kubernetes.io/hostname' })),
    want: [uneven, 'fits', uneven, unlabelled],
  },
  {
    name: 'counts only pods of its own revision',
    there: { a1: [{ labels: { ...web, hash: 'old' } }], b1: [{ labels: { ...web, hash: 'new' } }] },
    pod: { ...spread(evenly({ matchLabelKeys: ['hash'] })), labels: { ...web, hash: 'new' } },
    want: ['fits', 'fits', uneven, unlabelled],
  },
];
for (const { name, there, pod, want } of rows)
  test(`spreading: a pod that ${name}`, () => {
    const cluster = makeCluster([zoned('a1'), zoned('a2'), zoned('b1'), makeNode('none')], there);
    assert.deepEqual(Object.values(verdicts(podTopologySpread, pod, cluster)), want);
  });

test('a constraint that need not hold makes emptier domains better, and nodes without its label worst', () => {
  const cluster = makeCluster([zoned('a1'), zoned('b1'), makeNode('none')], { a1: webs(3), b1: webs(1) });
  const soft = evenly({ whenUnsatisfiable: 'ScheduleAnyway' });
  assert.deepEqual(scores(podTopologySpread, spread(soft), cluster), { a1: 25, b1: 100, none: 0 });
});

test('replicas of one workload go to different nodes without being asked', () => {
  const replica = { owner: 'set' };
  const cluster = makeCluster([makeNode('a'), makeNode('b'), makeNode('c')], {
    a: [replica, replica],
    b: [replica],
    c: [{ owner: 'other' }],
  });
  const said = scores(podTopologySpread, replica, cluster)!;
  assert.ok(said['c']! > said['b']! && said['b']! > said['a']!, JSON.stringify(said));
  assert.equal(scores(podTopologySpread, {}, cluster), undefined);
});

test('pods behind one Service go to different nodes without being asked', () => {
  const cluster = makeCluster([makeNode('a'), makeNode('b')], { a: webs(2) });
  assert.equal(scores(podTopologySpread, { labels: web }, cluster), undefined);
  cluster.setService({ metadata: { name: 'web', namespace: 'default' }, spec: { selector: web } });
  const said = scores(podTopologySpread, { labels: web }, cluster)!;
  assert.ok(said['b']! > said['a']!, JSON.stringify(said));
});
