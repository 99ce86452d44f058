import type { NodeInfo } from '../framework/node-info.ts';
import { fits, rejects, type FilterStage, type SchedulerPlugin } from '../framework/plugin.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { countsAt, eligibleNodes, hardConstraints, type SpreadConstraint } from './spread-constraint.ts';
import { spreadScore } from './spread-score.ts';

const rejection = rejects(["node(s) didn't match pod topology spread constraints"], { evictionMayHelp: true });
const unlabelled = rejects(["node(s) didn't match pod topology spread constraints (missing required label)"], {
  evictionMayHelp: false,
});

interface Skews {
  readonly pod: PodInfo;
  readonly domains: readonly Domains[];
}

/** How many matching pods each value of a constraint's label has, over the nodes that count. */
interface Domains {
  readonly constraint: SpreadConstraint;
  readonly counts: ReadonlyMap<string, number>;
  readonly least: number;
}

/** Spreads the pods of one sort evenly over zones, nodes, or whatever the constraints name. */
export const podTopologySpread: SchedulerPlugin = {
  name: 'PodTopologySpread',
  retryOn: [
    'node-added',
    'node-removed',
    'node-relabelled',
    'node-taints-changed',
    'pod-added',
    'pod-removed',
    'pod-relabelled',
    'self-changed',
  ],
  mayHelp(pod, change) {
    if (!('pod' in change) || change.type === 'pod-relabelled') return true;
    return hardConstraints(pod).some((constraint) => constraint.matches(change.pod));
  },
  filter: {
    prepare(pod, cluster) {
      const constraints = hardConstraints(pod);
      if (constraints.length === 0) return undefined;
      const nodes = eligibleNodes(constraints, pod, cluster.nodes);
      return {
        pod,
        domains: constraints.map((constraint, i) => domainsOf(constraint, countsAt(constraint, nodes[i]!, cluster))),
      };
    },

    test({ pod, domains }, { labels }) {
      for (const { constraint, counts, least } of domains) {
        const value = labels[constraint.topologyKey];
        if (value === undefined) return unlabelled;
        const own = constraint.matches(pod) ? 1 : 0;
        if ((counts.get(value) ?? 0) + own - least > constraint.maxSkew) return rejection;
      }
      return fits;
    },

    change: ({ pod, domains }, other, node, by) => ({
      pod,
      domains: domains.map((one) => withPod(one, pod, other, node, by)),
    }),
  } satisfies FilterStage<Skews>,
  score: spreadScore,
};

function domainsOf(constraint: SpreadConstraint, counts: ReadonlyMap<string, number>): Domains {
  let least = Infinity;
  for (const count of counts.values()) if (count < least) least = count;
  const isTooFew = counts.size < constraint.minDomains;
  return { constraint, counts, least: isTooFew || counts.size === 0 ? 0 : least };
}

function withPod(domains: Domains, pod: PodInfo, other: PodInfo, node: NodeInfo, by: 1 | -1): Domains {
  const { constraint, counts } = domains;
  const value = node.labels[constraint.topologyKey];
  if (value === undefined || !counts.has(value) || !constraint.matches(other)) return domains;
  if (eligibleNodes([constraint], pod, [node])[0]!.length === 0) return domains;
  const copy = new Map(counts);
  copy.set(value, copy.get(value)! + by);
  return domainsOf(constraint, copy);
}
