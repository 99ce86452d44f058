import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../api/core/v1/types.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { defaultPlugins } from '../plugins/default-plugins.ts';
import { infoOf, makeNode, near, preferring, requiring, type PodParts } from '../testing/objects.ts';
import { passed, prepareFilters, test as tested } from './active-filters.ts';
import { ClusterState } from './cluster-state.ts';
import { place } from './placement.ts';
import type { PodInfo } from './pod-info.ts';
import { score, type Ranking } from './ranking.ts';

const host = 'kubernetes.io/hostname';
const zone = 'topology.kubernetes.io/zone';
const app = { app: 'web' };

function spread(topologyKey: string, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway'): Partial<PodSpec> {
  const constraint = { maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels: app } };
  return { topologySpreadConstraints: [constraint] };
}

const sorts: Record<string, PodParts> = {
  plain: {},
  'of a workload': { owner: 'set' },
  'apart by node': { spec: requiring('podAntiAffinity', near(app, host)) },
  'near each other': { spec: requiring('podAffinity', near(app, zone)) },
  'spread over zones': { spec: spread(zone, 'DoNotSchedule') },
  'spread over nodes': { spec: spread(host, 'DoNotSchedule') },
  'better spread over zones': { spec: spread(zone, 'ScheduleAnyway') },
  'better near others': { spec: preferring('podAffinity', 10, near({ app: 'other' }, zone)) },
};

/** Pods that others put in between, and that mind or attract those with the label. */
const others: readonly PodParts[] = [
  { labels: { app: 'other' } },
  { labels: { app: 'other' }, spec: requiring('podAntiAffinity', near(app, host)) },
  { labels: { app: 'other' }, spec: preferring('podAntiAffinity', 50, near(app, zone)) },
  { labels: app, requests: { cpu: '1' } },
];

/** The names of all nodes that a search of its own could choose. */
function bestNodes(pod: PodInfo, cluster: ClusterState): string[] {
  const filters = prepareFilters(pod, cluster, defaultPlugins);
  if ('rejection' in filters) return [];
  const feasible = cluster.nodes.filter((node) => tested(filters, node) === passed);
  const { sums } = score(pod, feasible, cluster, defaultPlugins);
  const highest = Math.max(...sums);
  return feasible.filter((_, index) => sums[index] === highest).map(({ name }) => name);
}

for (const [name, parts] of Object.entries(sorts))
  test(`${name}: an equal pod goes where a search of its own would put it, whoever comes in between`, () => {
    const random = new SeededRandom(name);
    const draw = (below: number): number => Math.floor(random.next() * below);
    let repeated = 0;
    for (let round = 0; round < 12; round++) {
      const cluster = new ClusterState();
      for (let index = 0; index < 12; index++) {
        const labels = { [host]: `n${index}`, ...(draw(8) > 0 && { [zone]: `zone-${draw(3)}` }) };
        cluster.setNode(makeNode(`n${index}`, { labels }));
      }
      let ranking: Ranking | undefined;
      let version = 0;
      for (let step = 0; step < 30; step++) {
        const pod = infoOf({ labels: app, requests: { cpu: '700m' }, ...parts, name: `pod-${step}` });
        const best = bestNodes(pod, cluster);
        let chosen = ranking?.next(pod, cluster.log.takenSince(version)!, random)?.name;
        if (chosen === undefined) {
          const found = place(pod, cluster, { plugins: defaultPlugins, random });
          ({ ranking } = found);
          chosen = found.placement.fits ? found.placement.node.name : undefined;
        } else repeated++;
        if (chosen === undefined) assert.deepEqual(best, []);
        else assert.ok(best.includes(chosen), `step ${step}: ${chosen} is none of ${best.join()}`);
        ({ version } = cluster.log);
        if (chosen === undefined) break;
        cluster.addPod(pod, chosen);
        if (draw(4) > 0) continue;
        const other = { ...others[draw(others.length)]!, name: `other-${step}` };
        cluster.addPod(infoOf(other), `n${draw(12)}`);
      }
    }
    assert.ok(repeated > 20, `${repeated} pods were placed without a search`);
  });
