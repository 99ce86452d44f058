import type { ContainerStatus, Pod } from '../../../api/core/v1/types.ts';
import { parseTime } from '../../../apimachinery/time.ts';
import { podCondition } from '../../pod-state.ts';

/**
 * When a pod ended, in milliseconds: with its last container, else when it was no longer ready, else when its deletion
 * was asked for, else when it was made.
 */
export function finishTime(pod: Readonly<Pod>): number {
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  const deleted = parseTime(deletionTimestamp);
  return (
    endOfContainers(pod) ??
    endOfReadiness(pod) ??
    (deleted === undefined ? undefined : deleted - deletionGracePeriodSeconds * 1000) ??
    parseTime(creationTimestamp) ??
    0
  );
}

/** Only if all have ended; sidecars end last. */
function endOfContainers({ spec, status }: Readonly<Pod>): number | undefined {
  const sidecars = new Set(
    spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
  const statuses: ContainerStatus[] = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
  ];
  const ends = statuses.map(({ state }) => parseTime(state?.terminated?.finishedAt));
  return ends.length === 0 || ends.includes(undefined) ? undefined : Math.max(...(ends as number[]));
}

function endOfReadiness(pod: Readonly<Pod>): number | undefined {
  const ready = podCondition(pod, 'Ready');
  return ready?.status === 'False' ? parseTime(ready.lastTransitionTime) : undefined;
}
