import type { ClusterState } from './cluster-state.ts';
import type { NodeDomains } from './node-domains.ts';
import type { NodeInfo } from './node-info.ts';
import { fits, type FilterStage, type Rejection, type SchedulerPlugin, type Verdict } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';

/** One filter with what it prepared for the pod. */
export interface ActiveFilter {
  readonly plugin: SchedulerPlugin;
  readonly stage: FilterStage<any>;
  readonly state: unknown;
}

export interface Nominated {
  /**
   * Pods that are to come to a node and for which room was made there; they count where they have at least the pod's
   * priority.
   */
  readonly nominated?: (node: NodeInfo) => readonly PodInfo[];
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

/** The filters up to the first one that looks at more than a node by itself, and from it on. */
export function byScope(filters: readonly ActiveFilter[]): {
  local: readonly ActiveFilter[];
  ofMany: readonly ActiveFilter[];
} {
  const first = filters.findIndex(({ stage }) => stage.change !== undefined);
  return first < 0 ? { local: filters, ofMany: [] } : { local: filters.slice(0, first), ofMany: filters.slice(first) };
}

/** The verdict of the first filter that rejects a node, with its plugin's name. */
export interface Tested {
  readonly verdict: Verdict;
  readonly plugin: string | undefined;
}

/** {@link passed} where no filter rejects the node. */
export function test(filters: readonly ActiveFilter[], node: NodeInfo): Tested {
  for (const { plugin, stage, state } of filters) {
    const verdict = stage.test(state, node);
    if (!verdict.fits) return { verdict, plugin: plugin.name };
  }
  return passed;
}

/**
 * The same for the node at a place of the cluster's list: once for nodes that the filters cannot tell apart, else by columns
 * where all of the filters read them.
 */
export function verdicts(filters: readonly ActiveFilter[], cluster: ClusterState): (place: number) => Tested {
  if (filters.length === 0) return () => passed;
  const { nodes } = cluster;
  const domains = domainsOf(filters, cluster);
  if (domains !== undefined && domains.count <= nodes.length * fewDomains) {
    const known = new Array<Tested | undefined>(domains.count).fill(undefined);
    return (place) => (known[domains.of[place]!] ??= test(filters, nodes[place]!));
  }
  if (filters.some(({ stage }) => stage.testAt === undefined)) return (place) => test(filters, nodes[place]!);
  return (place) => {
    for (const { plugin, stage, state } of filters) {
      const verdict = stage.testAt!(state, place);
      if (!verdict.fits) return { verdict, plugin: plugin.name };
    }
    return passed;
  };
}

/** Where there are more domains for each node, remembering verdicts costs more than it saves. */
const fewDomains = 1 / 8;

function domainsOf(filters: readonly ActiveFilter[], cluster: ClusterState): NodeDomains | undefined {
  const labels = new Set<string>();
  for (const { stage, state } of filters) {
    if (stage.labels === undefined) return undefined;
    for (const label of stage.labels(state)) labels.add(label);
  }
  return cluster.domains([...labels].sort());
}

export const passed: Tested = Object.freeze({ verdict: fits, plugin: undefined });

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
  { nominated }: Nominated,
): Tested {
  const expected = (nominated?.(node) ?? []).filter((other) => other.key !== pod.key && other.priority >= pod.priority);
  if (expected.length > 0) {
    const copy = node.copy();
    for (const other of expected) copy.addPod(other);
    const result = test(withPods(filters, expected, node, 1), copy);
    if (!result.verdict.fits) return result;
  }
  return test(filters, node);
}

function isRejection(state: unknown): state is Rejection {
  return typeof state === 'object' && state !== null && 'fits' in state && state.fits === false;
}
