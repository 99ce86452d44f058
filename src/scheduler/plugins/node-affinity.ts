import { nodeTermMatcher, requiredNodes, type NodeMatcher } from '../../apimachinery/selectors/node-selector.ts';
import { namedNodes } from '../framework/node-selector.ts';
import {
  fits,
  rejects,
  scaleByLargest,
  type FilterStage,
  type SchedulerPlugin,
  type ScoreStage,
} from '../framework/plugin.ts';

const rejection = rejects(["node(s) didn't match Pod's node affinity/selector"], { evictionMayHelp: false });

interface Required {
  readonly matches: NodeMatcher;
  readonly names: ReadonlySet<string> | undefined;
}

/** Keeps a pod to the nodes that its node selector and required node affinity name, and prefers what it prefers. */
export const nodeAffinity: SchedulerPlugin = {
  name: 'NodeAffinity',
  retryOn: ['node-added', 'node-relabelled', 'self-changed'],
  mayHelp: ({ pod }, change) => !('node' in change) || (requiredNodes(pod)?.(change.node) ?? true),
  filter: {
    prepare({ pod }) {
      const matches = requiredNodes(pod);
      return matches && { matches, names: namedNodes(pod) };
    },
    onlyNodes: ({ names }) => names,
    test: ({ matches }, node) => (matches(node) ? fits : rejection),
  } satisfies FilterStage<Required>,
  score: {
    weight: 2,
    prepare({ pod }) {
      const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      if (preferred.length === 0) return undefined;
      return preferred.map(({ weight, preference }) => ({ weight, matches: nodeTermMatcher(preference) }));
    },
    score: (terms, node) => terms.reduce((sum, { weight, matches }) => (matches(node) ? sum + weight : sum), 0),
    normalize: (scores) => scaleByLargest(scores, false),
  } satisfies ScoreStage<readonly { readonly weight: number; readonly matches: NodeMatcher }[]>,
};
