import type { ClusterState } from '../framework/cluster-state.ts';
import type { SchedulerPlugin } from '../framework/plugin.ts';
import { podInfo } from '../framework/pod-info.ts';
import { makePod, type PodParts } from './objects.ts';

/** What the plugin's filter says of each node: `fits`, or its reasons, with `+` where eviction may help. */
export function verdicts(plugin: SchedulerPlugin, parts: PodParts, cluster: ClusterState): Record<string, string> {
  const state: unknown = plugin.filter!.prepare(podInfo(makePod(parts)), cluster);
  const said: Record<string, string> = {};
  for (const node of cluster.nodes) {
    const verdict = state === undefined ? { fits: true as const } : plugin.filter!.test(state, node);
    said[node.name] = verdict.fits ? 'fits' : `${verdict.reasons.join(', ')}${verdict.evictionMayHelp ? ' +' : ''}`;
  }
  return said;
}

/** The plugin's scores for each node, 0 to 100; `undefined` where it has no preference. */
export function scores(
  plugin: SchedulerPlugin,
  parts: PodParts,
  cluster: ClusterState,
): Record<string, number> | undefined {
  const stage = plugin.score!;
  const state: unknown = stage.prepare(podInfo(makePod(parts)), cluster.nodes, cluster);
  if (state === undefined) return undefined;
  const all = Float64Array.from(cluster.nodes, (node) => stage.score(state, node));
  stage.normalize?.(all, state);
  return Object.fromEntries(cluster.nodes.map((node, i) => [node.name, all[i]!]));
}
