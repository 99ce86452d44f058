import type { ClusterState } from '../framework/cluster-state.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { fits, rejects, type FilterStage, type SchedulerPlugin, type Verdict } from '../framework/plugin.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { domainsOf, eligibleNodes, hardConstraints, type Domains, type SpreadConstraint } from './spread-constraint.ts';
import { spreadScore } from './spread-score.ts';

const rejection = rejects(["node(s) didn't match pod topology spread constraints"], { evictionMayHelp: true });
const unlabelled = rejects(["node(s) didn't match pod topology spread constraints (missing required label)"], {
  evictionMayHelp: false,
});

interface Skews {
  readonly pod: PodInfo;
  readonly cluster: ClusterState;
  readonly skews: readonly Skew[];
}

interface Skew extends Domains {
  readonly constraint: SpreadConstraint;
  /** The matching pods of the domain that has fewest. */
  readonly least: number;
  /** Whether the pod is one of those counted. */
  readonly own: 0 | 1;
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
      const domains = domainsOf(constraints, pod, cluster);
      return { pod, cluster, skews: constraints.map((constraint, i) => skewOf(constraint, pod, domains[i]!)) };
    },

    test: ({ skews }, { labels }) => verdict(skews, (label) => labels[label]),
    testAt: ({ skews, cluster }, place) => verdict(skews, (label) => cluster.column(label)[place]),

    labels: ({ skews }) => skews.map(({ constraint }) => constraint.topologyKey),

    change: ({ pod, cluster, skews }, other, node, by) => ({
      pod,
      cluster,
      skews: skews.map((one) => withPod(one, pod, other, node, by)),
    }),
  } satisfies FilterStage<Skews>,
  score: spreadScore,
};

/** `valueOf`: what the node's label is. */
function verdict(skews: readonly Skew[], valueOf: (label: string) => string | undefined): Verdict {
  for (const { constraint, counts, least, own } of skews) {
    const value = valueOf(constraint.topologyKey);
    if (value === undefined) return unlabelled;
    if ((counts.get(value) ?? 0) + own - least > constraint.maxSkew) return rejection;
  }
  return fits;
}

function skewOf(constraint: SpreadConstraint, pod: PodInfo, { counts, values }: Domains): Skew {
  return {
    constraint,
    counts,
    values,
    least: leastOf(constraint, counts, values),
    own: constraint.matches(pod) ? 1 : 0,
  };
}

function leastOf({ minDomains }: SpreadConstraint, counts: Domains['counts'], values: Domains['values']): number {
  if (values.size < minDomains || counts.size < values.size) return 0;
  let least = Infinity;
  for (const count of counts.values()) if (count < least) least = count;
  return values.size === 0 ? 0 : least;
}

function withPod(skew: Skew, pod: PodInfo, other: PodInfo, node: NodeInfo, by: 1 | -1): Skew {
  const { constraint, counts, values } = skew;
  const value = node.labels[constraint.topologyKey];
  if (value === undefined || !values.has(value) || !constraint.matches(other)) return skew;
  if (eligibleNodes([constraint], pod, [node])[0]!.length === 0) return skew;
  const copy = new Map(counts);
  copy.set(value, (copy.get(value) ?? 0) + by);
  return skewOf(constraint, pod, { counts: copy, values });
}
