import type { Taint, Toleration } from '../../api/core/v1/types.ts';
import { fits, rejects, type FilterStage, type SchedulerPlugin } from '../framework/plugin.ts';
import { tolerates } from '../../apimachinery/selectors/toleration.ts';

const cordoned: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const rejection = rejects(['node(s) were unschedulable'], { evictionMayHelp: false });

/** Keeps pods off cordoned nodes, unless they tolerate it. */
export const nodeUnschedulable: SchedulerPlugin = {
  name: 'NodeUnschedulable',
  retryOn: ['node-added', 'node-taints-changed', 'self-changed'],
  mayHelp: (_pod, change) => !('node' in change) || change.node.node?.spec.unschedulable !== true,
  filter: {
    prepare: ({ pod }) => pod.spec.tolerations ?? [],
    test: (tolerations, { node }) =>
      node!.spec.unschedulable === true && !tolerates(tolerations, cordoned) ? rejection : fits,
  } satisfies FilterStage<readonly Toleration[]>,
};
