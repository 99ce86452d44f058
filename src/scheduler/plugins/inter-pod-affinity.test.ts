import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PodSpec } from '../../api/core/v1/types.ts';
import { infoOf, makeCluster, makeNode, near, preferring, requiring, type PodParts } from '../testing/objects.ts';
import { scores, verdicts } from '../testing/verdicts.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';

const zones = ['a1', 'a2', 'b1'].map((name) => makeNode(name, { labels: { zone: name[0]! } }));
const nowhere = makeNode('none');
const web = { app: 'web' };

const rules = {
  affinity: "node(s) didn't match pod affinity rules",
  anti: "node(s) didn't match pod anti-affinity rules +",
  others: "node(s) didn't satisfy existing pods anti-affinity rules +",
};

const rows: { name: string; there?: Record<string, PodParts[]>; pod: PodParts; want: string[] }[] = [
  { name: 'without rules', pod: {}, want: ['fits', 'fits', 'fits', 'fits'] },
  {
    name: 'wants to be near pods that are in one zone',
    there: { a1: [{ labels: web }] },
    pod: { spec: requiring('podAffinity', near(web)) },
    want: ['fits', 'fits', rules.affinity, rules.affinity],
  },
  {
    name: 'wants to be near pods that are nowhere',
    pod: { spec: requiring('podAffinity', near(web)) },
    want: Array(4).fill(rules.affinity),
  },
  {
    name: 'wants to be near its like, and is the first',
    pod: { labels: web, spec: requiring('podAffinity', near(web)) },
    want: ['fits', 'fits', 'fits', rules.affinity],
  },
  {
    name: 'wants to be near pods of another namespace, whose like is in its own',
    there: { a1: [{ labels: web, namespace: 'other' }] },
    pod: { spec: requiring('podAffinity', near(web)) },
    want: Array(4).fill(rules.affinity),
  },
  {
    name: 'names the other namespace',
    there: { a1: [{ labels: web, namespace: 'other' }] },
    pod: { spec: requiring('podAffinity', { ...near(web), namespaces: ['other'] } as ReturnType<typeof near>) },
    want: ['fits', 'fits', rules.affinity, rules.affinity],
  },
  {
    name: 'picks the other namespace by its labels',
    there: { a1: [{ labels: web, namespace: 'other' }] },
    pod: {
      spec: requiring('podAffinity', { ...near(web), namespaceSelector: { matchLabels: { team: 'x' } } } as ReturnType<
        typeof near
      >),
    },
    want: ['fits', 'fits', rules.affinity, rules.affinity],
  },
  {
    name: 'wants a pod that meets both rules, and two pods meet one each',
    there: { a1: [{ labels: web }], a2: [{ labels: { tier: 'x' } }] },
    pod: { spec: requiring('podAffinity', near(web), near({ tier: 'x' })) },
    want: Array(4).fill(rules.affinity),
  },
  {
    name: 'wants to be apart from pods of one zone',
    there: { a1: [{ labels: web }] },
    pod: { spec: requiring('podAntiAffinity', near(web)) },
    want: [rules.anti, rules.anti, 'fits', 'fits'],
  },
  {
    name: 'wants to be apart from pods of one node',
    there: { a1: [{ labels: web }] },
    pod: { spec: requiring('podAntiAffinity', near(web, 'kubernetes.io/hostname')) },
    want: [rules.anti, 'fits', 'fits', 'fits'],
  },
  {
    name: 'is not wanted in a zone',
    there: { a1: [{ spec: requiring('podAntiAffinity', near(web)) }] },
    pod: { labels: web },
    want: [rules.others, rules.others, 'fits', 'fits'],
  },
  {
    name: 'is of no interest to those who want others away',
    there: { a1: [{ spec: requiring('podAntiAffinity', near(web)) }] },
    pod: {},
    want: ['fits', 'fits', 'fits', 'fits'],
  },
];
for (const { name, there, pod, want } of rows)
  test(`pod affinity: a pod that ${name}`, () => {
    const cluster = makeCluster([...zones, nowhere], there);
    cluster.setNamespace('other', { team: 'x' });
    assert.deepEqual(Object.values(verdicts(interPodAffinity, pod, cluster)), want);
  });

test('preferences pull and push, those of the newcomer and those of who is there', () => {
  const cluster = makeCluster(zones, { a1: [{ labels: web }] });
  assert.deepEqual(scores(interPodAffinity, { spec: preferring('podAffinity', 10, near(web)) }, cluster), {
    a1: 100,
    a2: 100,
    b1: 0,
  });
  assert.deepEqual(scores(interPodAffinity, { spec: preferring('podAntiAffinity', 10, near(web)) }, cluster), {
    a1: 0,
    a2: 0,
    b1: 100,
  });
  assert.equal(scores(interPodAffinity, {}, cluster), undefined);

  const fans = makeCluster(zones, {
    a1: [{ spec: preferring('podAffinity', 10, near(web)) }],
    b1: [{ spec: preferring('podAffinity', 5, near(web)) }],
  });
  assert.deepEqual(scores(interPodAffinity, { labels: web }, fans), { a1: 100, a2: 100, b1: 0 });
  const needy = makeCluster(zones, { b1: [{ labels: web, spec: requiring('podAffinity', near(web)) }] });
  assert.deepEqual(scores(interPodAffinity, { labels: web }, needy), { a1: 0, a2: 0, b1: 100 });
});

test('counts kept from pod to pod equal counts taken anew, whatever comes, goes and is relabelled', () => {
  const spec = fc.constantFrom<Partial<PodSpec>>(
    {},
    requiring('podAffinity', near(web)),
    requiring('podAntiAffinity', near(web)),
    preferring('podAffinity', 3, near(web)),
  );
  const step = fc.record({
    do: fc.constantFrom('add' as const, 'add' as const, 'remove' as const, 'move node' as const),
    pod: fc.nat(5),
    node: fc.nat(2),
    labels: fc.constantFrom({}, web),
    spec,
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const kept = makeCluster(zones);
      const there = new Map<string, { node: string; parts: PodParts }>();
      const zoneOf = new Map(zones.map(({ metadata }) => [metadata.name, metadata.labels!['zone']!]));
      const newcomers: PodParts[] = [
        { labels: web, spec: requiring('podAffinity', near(web)) },
        { labels: web, spec: requiring('podAntiAffinity', near(web)) },
        { labels: web, spec: preferring('podAntiAffinity', 2, near(web)) },
      ];
      for (const one of steps) {
        const name = `p${one.pod}`;
        const node = zones[one.node]!.metadata.name;
        if (one.do === 'add') {
          const parts = { name, labels: one.labels, spec: { ...one.spec, nodeName: node } };
          kept.addPod(infoOf(parts), node);
          there.set(name, { node, parts });
        } else if (one.do === 'remove') {
          kept.removePod(`default/${name}`);
          there.delete(name);
        } else {
          zoneOf.set(node, zoneOf.get(node) === 'a' ? 'b' : 'a');
          kept.setNode(makeNode(node, { labels: { zone: zoneOf.get(node)! } }));
        }
        const fresh = makeCluster(
          zones.map(({ metadata: { name: node } }) => makeNode(node, { labels: { zone: zoneOf.get(node)! } })),
        );
        for (const { node, parts } of there.values()) fresh.addPod(infoOf(parts), node);
        for (const newcomer of newcomers) {
          assert.deepEqual(verdicts(interPodAffinity, newcomer, kept), verdicts(interPodAffinity, newcomer, fresh));
          assert.deepEqual(scores(interPodAffinity, newcomer, kept), scores(interPodAffinity, newcomer, fresh));
        }
      }
    }),
    { numRuns: 40 },
  );
});
