import type { Taint } from '../../api/core/v1/types.ts';
import { fits, rejects, type FilterStage, type SchedulerPlugin } from '../framework/plugin.ts';
import { tolerates } from '../../apimachinery/selectors/toleration.ts';

const cordoned: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const rejection = rejects(['node(s) were unschedulable'], { evictionMayHelp: false });

/** Keeps pods off cordoned nodes, unless they tolerate it. */
export const nodeUnschedulable: SchedulerPlugin = {
  name: 'NodeUnschedulable',
  retryOn: ['node-added', 'node-taints-changed', 'self-changed'],
  mayHelp: (_pod, change) => !('node' in change) || !change.node.unschedulable,
  filter: {
    prepare: ({ pod }) => (tolerates(pod.spec.tolerations ?? [], cordoned) ? undefined : true),
    test: (_state, { unschedulable }) => (unschedulable ? rejection : fits),
  } satisfies FilterStage<true>,
};
