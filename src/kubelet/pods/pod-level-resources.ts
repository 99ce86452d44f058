import type { Pod, PodStatus } from '../../api/core/v1/types.ts';
import { amountTexts, pick, type Amounts } from '../../api/core/quota/amounts.ts';
import { chargedAmounts, podLimits, podRequests } from '../../api/core/pod-requests.ts';

/**
 * What the pod as a whole was given, for `status.allocatedResources` and `status.resources` (KEP-5419). Before it runs that
 * is all that its containers ask for; from then on what its cgroup bounds, which are CPU and memory, and limits only where
 * every container has one. Pure.
 */
export function podLevelResources(pod: Readonly<Pod>): Pick<PodStatus, 'allocatedResources' | 'resources'> {
  const requests = podRequests(pod);
  const isRunning = pod.status?.phase === 'Running';
  const { spec } = pod;
  const limits = isRunning ? podLimits(pod) : chargedAmounts({ spec, metadata: pod.metadata }).limits;
  const shown = isRunning ? { requests: ofCgroup(requests), limits: ofCgroup(limits) } : { requests, limits };
  return {
    ...(isEmpty(requests) ? {} : { allocatedResources: amountTexts(requests) }),
    resources: {
      ...(isEmpty(shown.limits) ? {} : { limits: amountTexts(shown.limits) }),
      ...(isEmpty(shown.requests) ? {} : { requests: amountTexts(shown.requests) }),
    },
  };
}

function ofCgroup(amounts: Amounts): Amounts {
  return pick(amounts, (name) => name === 'cpu' || name === 'memory');
}

function isEmpty(amounts: Amounts): boolean {
  return Object.keys(amounts).length === 0;
}
