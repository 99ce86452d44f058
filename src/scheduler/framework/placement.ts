import type { Random } from '../../base/random.ts';
import {
  byScope,
  prepareFilters,
  testWithNominated,
  type ActiveFilter,
  type Nominated,
  type Tested,
} from './active-filters.ts';
import type { ClusterState } from './cluster-state.ts';
import type { LocalVerdicts } from './local-verdicts.ts';
import type { NodeInfo } from './node-info.ts';
import { rejects, type Rejection, type SchedulerPlugin } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';
import { best, Ranking, score } from './ranking.ts';

/** Where a pod should go, or why it can go nowhere. */
export type Placement = { readonly fits: true; readonly node: NodeInfo } | ({ readonly fits: false } & Diagnosis);

export interface Diagnosis {
  readonly nodeCount: number;
  /** Why the pod fits nowhere, whatever the node. */
  readonly always: Rejection | undefined;
  /** Why not on each node that was looked at. */
  readonly byNode: ReadonlyMap<NodeInfo, Rejection>;
  /** Why not on all others, which nobody looked at: the pod may only go to nodes that it names. */
  readonly elsewhere?: { readonly rejection: Rejection; readonly nodes: number };
  /** The plugins that rejected anything: they know which changes may help. */
  readonly rejectedBy: ReadonlySet<string>;
}

export interface PlacementOptions extends Nominated {
  readonly plugins: readonly SchedulerPlugin[];
  readonly random: Random;
  /** Where in the list of nodes to begin, so that all of a big cluster get their turn. */
  readonly startAt?: number;
  /** What is known of each node for pods of this signature; of no use where pods are nominated. */
  readonly local?: LocalVerdicts;
}

/** Decides, without side effects, on which node the pod should run. */
export function place(
  pod: PodInfo,
  cluster: ClusterState,
  options: PlacementOptions,
): { placement: Placement; looked: number; ranking?: Ranking } {
  const prepared = prepareFilters(pod, cluster, options.plugins);
  if ('rejection' in prepared) return { placement: hopeless(cluster, prepared.rejection, prepared.plugin), looked: 0 };
  const nominatedFirst = nominatedNode(pod, cluster, prepared, options);
  if (nominatedFirst !== undefined) return { placement: { fits: true, node: nominatedFirst }, looked: 0 };

  const { feasible, candidates, byNode, elsewhere, rejectedBy, looked } = findFeasible(pod, cluster, prepared, options);
  if (feasible.length === 0) {
    const diagnosis: Diagnosis = {
      nodeCount: cluster.nodes.length,
      always: undefined,
      byNode,
      ...(elsewhere && { elsewhere }),
      rejectedBy,
    };
    return { placement: { fits: false, ...diagnosis }, looked };
  }
  if (feasible.length === 1) return { placement: { fits: true, node: feasible[0]! }, looked };
  const scores = score(pod, feasible, cluster, options.plugins);
  const placement: Placement = { fits: true, node: feasible[best(scores.sums, options.random)]! };
  const { local: filters, ofMany } = byScope(prepared);
  if (ofMany.some(({ stage }) => stage.change === undefined) || options.nominated !== undefined)
    return { placement, looked };
  const { plugins } = options;
  return { placement, looked, ranking: new Ranking({ cluster, plugins, filters, candidates, feasible, scores }) };
}

function nominatedNode(
  pod: PodInfo,
  cluster: ClusterState,
  filters: readonly ActiveFilter[],
  options: PlacementOptions,
): NodeInfo | undefined {
  const name = pod.pod.status?.nominatedNodeName;
  const node = name ? cluster.node(name) : undefined;
  if (node === undefined || !testWithNominated(pod, filters, node, options).verdict.fits) return undefined;
  return allowedNodes(filters)?.names.has(node.name) === false ? undefined : node;
}

function findFeasible(
  pod: PodInfo,
  cluster: ClusterState,
  filters: readonly ActiveFilter[],
  options: PlacementOptions,
) {
  const { nodes } = cluster;
  const feasible: NodeInfo[] = [];
  const candidates: NodeInfo[] = [];
  const ofMany = new Set(byScope(filters).ofMany.map(({ plugin }) => plugin.name));
  const byNode = new Map<NodeInfo, Rejection>();
  const rejectedBy = new Set<string>();
  const allowed = allowedNodes(filters);
  const wanted = enough(nodes.length);
  const startAt = options.startAt ?? 0;
  let looked = 0;
  let elsewhere: Diagnosis['elsewhere'];
  if (allowed !== undefined) {
    const there = [...allowed.names].map((name) => cluster.node(name)).filter((node) => node !== undefined);
    if (there.length < nodes.length) elsewhere = rejectedElsewhere(nodes.length - there.length, allowed.plugins);
    for (const plugin of allowed.plugins) rejectedBy.add(plugin);
    there.forEach(look);
  } else {
    const verdictAt = options.nominated === undefined ? options.local?.search(cluster, filters) : undefined;
    while (looked < nodes.length && feasible.length < wanted) {
      const place = (startAt + looked) % nodes.length;
      const node = nodes[place]!;
      if (verdictAt === undefined) look(node);
      else lookAt(node, verdictAt(place));
      looked++;
    }
  }
  return { feasible, candidates, byNode, elsewhere, rejectedBy, looked };

  function look(node: NodeInfo): void {
    lookAt(node, testWithNominated(pod, filters, node, options));
  }
  function lookAt(node: NodeInfo, { verdict, plugin }: Tested): void {
    if (verdict.fits || ofMany.has(plugin!)) candidates.push(node);
    if (verdict.fits) feasible.push(node);
    else {
      byNode.set(node, verdict);
      rejectedBy.add(plugin!);
    }
  }
}

/** The nodes to which filters confine the pod by name, and which filters do. */
function allowedNodes(filters: readonly ActiveFilter[]): { names: ReadonlySet<string>; plugins: string[] } | undefined {
  let names: ReadonlySet<string> | undefined;
  const plugins: string[] = [];
  for (const { plugin, stage, state } of filters) {
    const only = stage.onlyNodes?.(state);
    if (only === undefined) continue;
    plugins.push(plugin.name);
    names = names === undefined ? only : new Set([...only].filter((name) => names!.has(name)));
  }
  return names && { names, plugins };
}

function rejectedElsewhere(nodes: number, plugins: readonly string[]): NonNullable<Diagnosis['elsewhere']> {
  const reason = `node(s) didn't satisfy plugin(s) [${plugins.toSorted().join(' ')}]`;
  return { nodes, rejection: rejects([reason], { evictionMayHelp: false }) };
}

/** In a big cluster the best of some nodes will do: half of them at a hundred, less and less as there are more. */
function enough(nodeCount: number): number {
  if (nodeCount < fewestLookedAt) return nodeCount;
  const percentage = Math.max(5, Math.floor(50 - nodeCount / 125));
  return Math.max(fewestLookedAt, Math.floor((nodeCount * percentage) / 100));
}
const fewestLookedAt = 100;

function hopeless(cluster: ClusterState, always: Rejection, plugin: string): Placement {
  return { fits: false, nodeCount: cluster.nodes.length, always, byNode: new Map(), rejectedBy: new Set([plugin]) };
}
