import { Pods, type Pod } from '../../api/core/v1/types.ts';
import { parseTime, rfc3339 } from '../../apimachinery/time.ts';
import { againAfter, settled, type Controller } from '../../reconciler/controller.ts';
import { isFinished, observed, podCondition } from '../pod-state.ts';

const condition = 'DisruptionTarget';
/** After so long a pod that was to be disrupted, and is still there, is not to be disrupted any more, in milliseconds. */
const staleAfterMs = 120_000;

/** Takes back that a pod is about to be disrupted when that has not happened: the deletion after it may have failed. */
export const staleDisruptionController: Controller = {
  name: 'controllermanager',
  identity: 'disruption-controller',
  watches: [{ type: Pods, wakes: (pod: Readonly<Pod>) => (isDisrupted(pod) ? [pod.metadata] : []) }],

  async reconcile(key, cluster) {
    const pod = cluster.get(Pods, key);
    if (pod === undefined || !isDisrupted(pod)) return settled;
    const now = cluster.clock.now();
    const wait = (parseTime(podCondition(pod, condition)?.lastTransitionTime) ?? now) + staleAfterMs - now;
    if (wait > 0) return againAfter(wait);
    const conditions = pod.status?.conditions?.map((one) =>
      one.type === condition
        ? { type: condition, ...observed(pod), status: 'False' as const, lastTransitionTime: rfc3339(now) }
        : one,
    );
    await cluster.update(
      Pods,
      { ...pod, status: { ...pod.status, conditions: conditions! } },
      { subresource: 'status' },
    );
    return settled;
  },
};

/** The kubelet takes its time with pods that it ends by itself. */
function isDisrupted(pod: Readonly<Pod>): boolean {
  if (pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) return false;
  const { status, reason } = podCondition(pod, condition) ?? {};
  return status === 'True' && reason !== 'TerminationByKubelet';
}
