import type { Toleration } from '../../api/core/v1/types.ts';
import {
  fits,
  rejects,
  scaleByLargest,
  type FilterStage,
  type SchedulerPlugin,
  type ScoreStage,
} from '../framework/plugin.ts';
import { tolerates } from '../../apimachinery/selectors/toleration.ts';

const rejection = rejects(['node(s) had untolerated taint(s)'], { evictionMayHelp: false });

/** Keeps pods off nodes with taints that they do not tolerate, and prefers nodes with fewer taints that only advise. */
export const taintToleration: SchedulerPlugin = {
  name: 'TaintToleration',
  retryOn: ['node-added', 'node-taints-changed', 'self-changed'],
  mayHelp: ({ pod }, change) =>
    !('node' in change) || change.node.hardTaints.every((taint) => tolerates(pod.spec.tolerations ?? [], taint)),
  filter: {
    prepare: ({ pod }) => pod.spec.tolerations ?? [],
    test(tolerations, { hardTaints }) {
      for (const taint of hardTaints) if (!tolerates(tolerations, taint)) return rejection;
      return fits;
    },
  } satisfies FilterStage<readonly Toleration[]>,
  score: {
    weight: 3,
    prepare: ({ pod }, _nodes, cluster) =>
      cluster.hasSoftTaints
        ? (pod.spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule')
        : undefined,
    score: (tolerations, { softTaints }) => softTaints.filter((taint) => !tolerates(tolerations, taint)).length,
    normalize: (scores) => scaleByLargest(scores, true),
  } satisfies ScoreStage<readonly Toleration[]>,
};
