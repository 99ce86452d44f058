import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { defaultPlugins } from '../plugins/default-plugins.ts';
import { infoOf, makeCluster, makeNode, near, requiring, type PodParts } from '../testing/objects.ts';
import { place } from './placement.ts';
import type { PodInfo } from './pod-info.ts';
import { preempt } from './preemption.ts';

/** `node: victims`, or why it does not help. */
function preempted(pod: PodParts, there: Record<string, PodParts[]>, budgets: PodDisruptionBudget[] = []): string {
  const cluster = makeCluster(
    Object.keys(there).map((name) => makeNode(name, { labels: { zone: name[0]! } })),
    there,
  );
  const info = infoOf(pod);
  const options = { plugins: defaultPlugins, random: new SeededRandom(1), budgets };
  const { placement } = place(info, cluster, options);
  assert.ok(!placement.fits, 'the pod fits as it is');
  const result = preempt(info, placement, cluster, options);
  if (!result.helps) return result.message;
  return `${result.node.name}: ${result.victims.map((victim) => victim.pod.metadata.name).join(' ')}`;
}

const using = (cpu: string, priority: number, more: PodParts = {}): PodParts => ({
  requests: { cpu },
  ...more,
  spec: { priority, ...more.spec },
});
const important = using('2', 100);
const app = { app: 'web' };
const budget = (disruptionsAllowed: number): PodDisruptionBudget =>
  ({
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: app } },
    status: { disruptionsAllowed },
  }) as PodDisruptionBudget;

const rows: {
  name: string;
  there: Record<string, PodParts[]>;
  pod?: PodParts;
  budgets?: PodDisruptionBudget[];
  want: string;
}[] = [
  { name: 'only as many go as must', there: { a: [using('2', 1), using('1', 1), using('1', 1)] }, want: 'a: a-1 a-2' },
  { name: 'the least important go', there: { a: [using('2', 5), using('2', 1)] }, want: 'a: a-1' },
  {
    name: 'nobody of the same priority goes',
    there: { a: [using('4', 100)] },
    want: '0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  },
  {
    name: 'nobody goes in vain',
    there: { a: [using('3', 100), using('1', 1)] },
    want: '0/1 nodes are available: 1 Insufficient cpu.',
  },
  {
    name: 'the node whose victims matter least is chosen',
    there: { a: [using('4', 5)], b: [using('4', 3)] },
    want: 'b: b-0',
  },
  {
    name: 'the node with fewer victims is chosen',
    there: { a: [using('2', 1), using('2', 1)], b: [using('4', 1), using('0', 1)] },
    pod: using('4', 100),
    want: 'b: b-0',
  },
  {
    name: 'the node whose victim ran shortest is chosen',
    there: {
      a: [using('4', 1, { status: { startTime: '2026-01-01T00:00:00Z' } })],
      b: [using('4', 1, { status: { startTime: '2026-01-02T00:00:00Z' } })],
    },
    want: 'b: b-0',
  },
  {
    name: 'a budget is kept where it can be',
    there: { a: [using('4', 1, { labels: app })], b: [using('4', 5)] },
    budgets: [budget(0)],
    want: 'b: b-0',
  },
  {
    name: 'a budget with room does not protect',
    there: { a: [using('4', 1, { labels: app })], b: [using('4', 5)] },
    budgets: [budget(1)],
    want: 'a: a-0',
  },
  {
    name: 'a budget is broken where it must be',
    there: { a: [using('4', 1, { labels: app })] },
    budgets: [budget(0)],
    want: 'a: a-0',
  },
  {
    name: 'whoever wants the newcomer away goes',
    there: { a: [using('1', 1, { spec: requiring('podAntiAffinity', near(app)) }), using('1', 1)] },
    pod: using('1', 100, { labels: app }),
    want: 'a: a-0',
  },
  {
    name: 'the holder of a host port goes',
    there: { a: [using('0', 1, { ports: [{ hostPort: 80 }] }), using('0', 1)] },
    pod: using('0', 2, { ports: [{ hostPort: 80 }] }),
    want: 'a: a-0',
  },
];
for (const { name, there, pod = important, budgets, want } of rows)
  test(`preemption: ${name}`, () => {
    assert.equal(preempted(pod, there, budgets), want);
  });

test('preemption: while victims are on their way out, no more are chosen', () => {
  const going = using('4', 1, {
    terminating: true,
    status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] },
  });
  const waiting = { ...important, status: { nominatedNodeName: 'a' } };
  const message = 'not eligible due to a terminating pod on the nominated node.';
  assert.equal(preempted(waiting, { a: [going], b: [using('4', 1)] }), message);
});

test('preemption: room that is kept for another counts as taken, so that two make room on two nodes', () => {
  const nodes = [makeNode('a'), makeNode('b')];
  const cluster = makeCluster(nodes, { a: [using('4', 1)], b: [using('4', 1)] });
  const [first, second] = [infoOf({ name: 'first', ...using('4', 10) }), infoOf({ name: 'second', ...using('4', 10) })];
  const choose = (pod: PodInfo, seed: number, nominated: Record<string, PodInfo[]>): string => {
    const options = {
      plugins: defaultPlugins,
      random: new SeededRandom(seed),
      budgets: [],
      nominated: ({ name }: { readonly name: string }) => nominated[name] ?? [],
    };
    const { placement } = place(pod, cluster, options);
    assert.ok(!placement.fits);
    const result = preempt(pod, placement, cluster, options);
    return result.helps ? result.node.name : result.message;
  };
  for (let seed = 1; seed <= 6; seed++) {
    const node = choose(first, seed, {});
    assert.equal(choose(second, seed, { [node]: [first] }), node === 'a' ? 'b' : 'a');
  }
});
