import type { Node } from '../../api/core/v1/types.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isFor } from './refusal.ts';

const key = 'node.kubernetes.io/not-ready';

/** Nothing is scheduled to a new node before it has said that it is ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate(request) {
    if (!isFor(request, '/nodes') || request.operation !== 'CREATE') return;
    const node = request.object as Node;
    node.spec ??= {};
    const taints = node.spec.taints ?? [];
    if (taints.some((taint) => taint.key === key && taint.effect === 'NoSchedule')) return;
    node.spec.taints = [...taints, { key, effect: 'NoSchedule' }];
  },
};
