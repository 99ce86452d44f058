import type { Random } from '../../base/random.ts';
import type { ClusterState } from './cluster-state.ts';
import type { NodeInfo } from './node-info.ts';
import { fits, rejects, type FilterStage, type Rejection, type SchedulerPlugin, type Verdict } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';

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

export interface PlacementOptions {
  readonly plugins: readonly SchedulerPlugin[];
  readonly random: Random;
  /**
   * Pods that are to come to a node and for which room was made there; they count where they have at least the pod's
   * priority.
   */
  readonly nominated?: (node: NodeInfo) => readonly PodInfo[];
  /** Where in the list of nodes to begin, so that all of a big cluster get their turn. */
  readonly startAt?: number;
}

/** One filter with what it prepared for the pod. */
export interface ActiveFilter {
  readonly plugin: SchedulerPlugin;
  readonly stage: FilterStage<any>;
  readonly state: unknown;
}

/** Decides, without side effects, on which node the pod should run. */
export function place(
  pod: PodInfo,
  cluster: ClusterState,
  options: PlacementOptions,
): { placement: Placement; looked: number } {
  const prepared = prepareFilters(pod, cluster, options.plugins);
  if ('rejection' in prepared) return { placement: hopeless(cluster, prepared.rejection, prepared.plugin), looked: 0 };
  const nominatedFirst = nominatedNode(pod, cluster, prepared, options);
  if (nominatedFirst !== undefined) return { placement: { fits: true, node: nominatedFirst }, looked: 0 };

  const { feasible, byNode, elsewhere, rejectedBy, looked } = findFeasible(pod, cluster, prepared, options);
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
  return { placement: { fits: true, node: best(pod, feasible, cluster, options) }, looked };
}

export function prepareFilters(
  pod: PodInfo,
  cluster: ClusterState,
  plugins: readonly SchedulerPlugin[],
): readonly ActiveFilter[] | { readonly rejection: Rejection; readonly plugin: string } {
  const active: ActiveFilter[] = [];
  for (const plugin of plugins) {
    const stage = plugin.filter;
    const state: unknown = stage?.prepare(pod, cluster);
    if (stage === undefined || state === undefined) continue;
    if (isRejection(state)) return { rejection: state, plugin: plugin.name };
    active.push({ plugin, stage, state });
  }
  return active;
}

/** The verdict of the first filter that rejects the node, with its plugin's name. */
function test(filters: readonly ActiveFilter[], node: NodeInfo): { verdict: Verdict; plugin: string | undefined } {
  for (const { plugin, stage, state } of filters) {
    const verdict = stage.test(state, node);
    if (!verdict.fits) return { verdict, plugin: plugin.name };
  }
  return passed;
}
const passed = { verdict: fits, plugin: undefined };

/** The filters as they would be with `pods` added to the node. */
export function withPods(
  filters: readonly ActiveFilter[],
  pods: readonly PodInfo[],
  node: NodeInfo,
  by: 1 | -1,
): readonly ActiveFilter[] {
  return filters.map((filter) => {
    const { change } = filter.stage;
    if (change === undefined) return filter;
    return {
      ...filter,
      state: pods.reduce((state, pod) => change.call(filter.stage, state, pod, node, by), filter.state),
    };
  });
}

/** A node must do with the pods that were promised room there, and without them, should they not come. */
export function testWithNominated(
  pod: PodInfo,
  filters: readonly ActiveFilter[],
  node: NodeInfo,
  { nominated }: Pick<PlacementOptions, 'nominated'>,
): ReturnType<typeof test> {
  const expected = (nominated?.(node) ?? []).filter((other) => other.key !== pod.key && other.priority >= pod.priority);
  if (expected.length > 0) {
    const copy = node.copy();
    for (const other of expected) copy.addPod(other);
    const result = test(withPods(filters, expected, node, 1), copy);
    if (!result.verdict.fits) return result;
  }
  return test(filters, node);
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
    const hasNominated = options.nominated !== undefined;
    while (looked < nodes.length && feasible.length < wanted) {
      const node = nodes[(startAt + looked) % nodes.length]!;
      if (hasNominated) look(node);
      else lookAt(node, test(filters, node));
      looked++;
    }
  }
  return { feasible, byNode, elsewhere, rejectedBy, looked };

  function look(node: NodeInfo): void {
    lookAt(node, testWithNominated(pod, filters, node, options));
  }
  function lookAt(node: NodeInfo, { verdict, plugin }: ReturnType<typeof test>): void {
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

/** The node with the highest weighted sum of scores; chance decides between equals. */
function best(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  cluster: ClusterState,
  { plugins, random }: PlacementOptions,
): NodeInfo {
  if (nodes.length === 1) return nodes[0]!;
  const sums = new Float64Array(nodes.length);
  const scores = new Float64Array(nodes.length);
  for (const { score: stage } of plugins) {
    const state: unknown = stage?.prepare(pod, nodes, cluster);
    if (stage === undefined || state === undefined) continue;
    for (let i = 0; i < nodes.length; i++) scores[i] = stage.score(state, nodes[i]!);
    stage.normalize?.(scores, state);
    for (let i = 0; i < nodes.length; i++) sums[i]! += scores[i]! * stage.weight;
  }
  let chosen = 0;
  let equals = 1;
  for (let i = 1; i < nodes.length; i++) {
    if (sums[i]! > sums[chosen]!) [chosen, equals] = [i, 1];
    else if (sums[i] === sums[chosen] && random.next() * ++equals < 1) chosen = i;
  }
  return nodes[chosen]!;
}

function hopeless(cluster: ClusterState, always: Rejection, plugin: string): Placement {
  return { fits: false, nodeCount: cluster.nodes.length, always, byNode: new Map(), rejectedBy: new Set([plugin]) };
}

function isRejection(state: unknown): state is Rejection {
  return typeof state === 'object' && state !== null && 'fits' in state && state.fits === false;
}
