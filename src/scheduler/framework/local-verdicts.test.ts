import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../api/core/v1/types.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { defaultPlugins } from '../plugins/default-plugins.ts';
import { infoOf, makeNode, type PodParts } from '../testing/objects.ts';
import { ClusterState } from './cluster-state.ts';
import { LocalVerdicts } from './local-verdicts.ts';
import { place, type Placement } from './placement.ts';

const labelSelector = { matchLabels: { app: 'web' } };
const apart = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector }],
    },
  },
} as Partial<PodSpec>;

const near = {
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'topology.kubernetes.io/zone', labelSelector }],
    },
  },
} as Partial<PodSpec>;
const spread = {
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector },
  ],
} as Partial<PodSpec>;

/** What the search found: the node, or why not on which. */
function text(placement: Placement): string {
  if (placement.fits) return placement.node.name;
  return [...placement.byNode].map(([{ name }, { reasons }]) => `${name}: ${reasons.join()}`).join('\n');
}

const sorts: Record<string, PodParts> = {
  plain: { labels: { app: 'web' }, requests: { cpu: '1500m' } },
  apart: { labels: { app: 'web' }, requests: { cpu: '1' }, spec: apart },
  near: { labels: { app: 'web' }, requests: { cpu: '1' }, spec: near },
  spread: { labels: { app: 'web' }, requests: { cpu: '1' }, spec: spread },
};

for (const [name, sort] of Object.entries(sorts)) {
  test(`${name}: a search with what is known of nodes finds what one without it finds, whatever happens`, () => {
    const cluster = new ClusterState();
    const local = new LocalVerdicts();
    const random = new SeededRandom(name);
    const draw = (below: number): number => Math.floor(random.next() * below);
    const nodeNames = Array.from({ length: 12 }, (_, index) => `node-${index}`);
    const setNode = (node: string): void => {
      const labels = { 'kubernetes.io/hostname': node, 'topology.kubernetes.io/zone': `zone-${draw(3)}` };
      const taints = draw(6) === 0 ? ([{ key: 'x', effect: 'NoSchedule' }] as const) : [];
      cluster.setNode(makeNode(node, { labels, taints, unschedulable: draw(8) === 0 }));
    };
    nodeNames.forEach(setNode);
    const pods: string[] = [];
    let refused = 0;
    for (let step = 0; step < 400; step++) {
      const pod = infoOf({ ...sort, name: `pod-${step}` });
      const options = { plugins: defaultPlugins, startAt: step % cluster.nodes.length };
      const known = place(pod, cluster, { ...options, random: new SeededRandom(step), local }).placement;
      const found = place(pod, cluster, { ...options, random: new SeededRandom(step) }).placement;
      assert.equal(text(known), text(found), `step ${step}`);
      if (known.fits) {
        cluster.addPod(pod, known.node.name);
        pods.push(pod.key);
      } else refused++;
      if (draw(3) === 0 && pods.length > 0) cluster.removePod(pods.splice(draw(pods.length), 1)[0]!);
      if (draw(20) === 0) setNode(nodeNames[draw(12)]!);
      if (draw(40) === 0 && cluster.nodes.length > 4) cluster.removeNode(nodeNames[draw(12)]!);
    }
    assert.ok(refused > 20 && refused < 380, `${refused} of 400 were refused: the cluster is neither full nor empty`);
  });
}
