import type { TopologySpreadConstraint } from '../../api/core/v1/types.ts';
import { labelMapMatcher, labelSelectorOf } from '../../apimachinery/selectors/label-selector.ts';
import { withLabelKeys } from '../framework/affinity-term.ts';
import type { ClusterState } from '../framework/cluster-state.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { requiredNodes } from '../../apimachinery/selectors/node-selector.ts';
import type { PodCount } from '../framework/pod-counts.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { tolerates } from '../../apimachinery/selectors/toleration.ts';

/** A TopologySpreadConstraint of one pod, ready for use. */
export interface SpreadConstraint {
  /** Equal for constraints that count the same pods by the same label. */
  readonly key: string;
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
  /** Whether the pod is one of those counted. A pod that is going is not. */
  matches(pod: PodInfo): boolean;
  /** How many of those counted a node has, where that is known without counting. */
  readonly byNode?: ReadonlyMap<NodeInfo, number>;
}

export const hostnameLabel = 'kubernetes.io/hostname';
const zoneLabel = 'topology.kubernetes.io/zone';

/** The constraints that must hold. */
export function hardConstraints(pod: PodInfo): SpreadConstraint[] {
  return own(pod, 'DoNotSchedule');
}

/** The constraints that should hold: the pod's own, or those of every workload if it has none of any sort. */
export function softConstraints(
  pod: PodInfo,
  cluster: ClusterState,
): { constraints: SpreadConstraint[]; areOwn: boolean } {
  if ((pod.pod.spec.topologySpreadConstraints ?? []).length > 0)
    return { constraints: own(pod, 'ScheduleAnyway'), areOwn: true };
  return { constraints: workloadConstraints(pod, cluster), areOwn: false };
}

function own(pod: PodInfo, what: TopologySpreadConstraint['whenUnsatisfiable']): SpreadConstraint[] {
  const constraints = pod.pod.spec.topologySpreadConstraints ?? [];
  return constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === what)
    .map((constraint) => compiled(constraint, pod));
}

function compiled(constraint: TopologySpreadConstraint, pod: PodInfo): SpreadConstraint {
  const {
    topologyKey,
    maxSkew,
    minDomains = 1,
    nodeAffinityPolicy = 'Honor',
    nodeTaintsPolicy = 'Ignore',
  } = constraint;
  const selector = withLabelKeys(constraint.labelSelector, pod.pod, constraint.matchLabelKeys);
  const matcher = labelSelectorOf(selector);
  return {
    key: `spread ${JSON.stringify([topologyKey, pod.namespace, selector])}`,
    topologyKey,
    maxSkew,
    minDomains,
    honorsAffinity: nodeAffinityPolicy === 'Honor',
    honorsTaints: nodeTaintsPolicy === 'Honor',
    matches: (other) => !other.terminating && other.namespace === pod.namespace && matcher.matches(other.labels),
  };
}

/** Replicas of one workload, and pods behind one Service, are spread over zones and nodes without being asked. */
function workloadConstraints(pod: PodInfo, cluster: ClusterState): SpreadConstraint[] {
  const { owner, namespace } = pod;
  let sort: Pick<SpreadConstraint, 'key' | 'matches' | 'byNode'> | undefined;
  if (owner !== undefined)
    sort = {
      key: `replicas ${owner}`,
      matches: (other) => !other.terminating && other.owner === owner,
      byNode: cluster.replicasByNode(owner),
    };
  else {
    const labels = labelsOfServices(pod, cluster);
    if (Object.keys(labels).length > 0) {
      const matches = labelMapMatcher(labels);
      sort = {
        key: `service ${JSON.stringify([namespace, labels])}`,
        matches: (other) => !other.terminating && other.namespace === namespace && matches(other.labels),
      };
    }
  }
  if (sort === undefined) return [];
  const common = { ...sort, minDomains: 1, honorsAffinity: true, honorsTaints: false };
  return [
    { ...common, key: `${sort.key} zone`, topologyKey: zoneLabel, maxSkew: 5 },
    { ...common, key: `${sort.key} host`, topologyKey: hostnameLabel, maxSkew: 3 },
  ];
}

/** The selectors of all Services that select the pod, together. */
function labelsOfServices(pod: PodInfo, cluster: ClusterState): Record<string, string> {
  const all: Record<string, string> = {};
  for (const { spec } of cluster.servicesIn(pod.namespace)) {
    const selector = spec?.selector ?? {};
    if (Object.keys(selector).length > 0 && labelMapMatcher(selector)(pod.labels)) Object.assign(all, selector);
  }
  return all;
}

/**
 * For each constraint the nodes over which it counts: those with the labels of all, where the pod could go as far as it
 * honours that.
 */
export function eligibleNodes(
  constraints: readonly SpreadConstraint[],
  pod: PodInfo,
  nodes: readonly NodeInfo[],
): (readonly NodeInfo[])[] {
  const required = requiredNodes(pod.pod);
  const tolerations = pod.pod.spec.tolerations ?? [];
  const labelled = nodes.filter(({ labels }) =>
    constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined),
  );
  return constraints.map(({ honorsAffinity, honorsTaints }) => {
    const checksAffinity = honorsAffinity && required !== undefined;
    if (!checksAffinity && !honorsTaints) return labelled;
    return labelled.filter(
      (node) =>
        (!checksAffinity || required(node)) &&
        (!honorsTaints ||
          (node.node?.spec.unschedulable !== true && node.hardTaints.every((taint) => tolerates(tolerations, taint)))),
    );
  });
}

/** The domains over which a constraint counts, with their matching pods. */
export interface Domains {
  /** Domains without any may be missing. */
  readonly counts: ReadonlyMap<string, number>;
  readonly values: ReadonlySet<string>;
}

/** The domains of each constraint, for this pod. */
export function domainsOf(
  constraints: readonly SpreadConstraint[],
  pod: PodInfo,
  cluster: ClusterState,
): readonly Domains[] {
  const topologies = constraints.map(({ topologyKey }) => cluster.topology(topologyKey));
  const countsAllNodes = constraints.every(({ honorsAffinity, honorsTaints }) => !honorsAffinity && !honorsTaints);
  const isFree =
    countsAllNodes || (requiredNodes(pod.pod) === undefined && constraints.every(({ honorsTaints }) => !honorsTaints));
  if (isFree && topologies.every(({ everywhere }) => everywhere))
    return constraints.map((constraint, i) => ({
      counts: podCount(constraint, cluster).byValue,
      values: topologies[i]!.values,
    }));
  const nodes = eligibleNodes(constraints, pod, cluster.nodes);
  return constraints.map((constraint, i) => countedAt(constraint, nodes[i]!, cluster));
}

function countedAt(constraint: SpreadConstraint, nodes: readonly NodeInfo[], cluster: ClusterState): Domains {
  const counts = new Map<string, number>();
  const values = new Set<string>();
  const { byNode } = podCount(constraint, cluster);
  for (const node of nodes) {
    const value = node.labels[constraint.topologyKey]!;
    values.add(value);
    counts.set(value, (counts.get(value) ?? 0) + (byNode.get(node) ?? 0));
  }
  return { counts, values };
}

export function podsByNode(constraint: SpreadConstraint, cluster: ClusterState): ReadonlyMap<NodeInfo, number> {
  return constraint.byNode ?? podCount(constraint, cluster).byNode;
}

function podCount({ key, topologyKey, matches }: SpreadConstraint, cluster: ClusterState): PodCount {
  return cluster.counts.get(key, topologyKey, matches, cluster.nodes);
}
