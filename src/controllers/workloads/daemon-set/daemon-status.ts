import type { DaemonSetStatus } from '../../../api/apps/v1/types.ts';
import { isReady } from '../../pod-state.ts';
import { some } from '../some.ts';
import { isUpToDate } from './daemon-pod.ts';
import { isAvailable, oldestFirst, type DaemonView } from './daemon-view.ts';

/** Counts nodes, by the oldest pod of each. Those that may be left out are, when they are 0. */
export function daemonStatus(view: DaemonView, collisions: number): DaemonSetStatus {
  const { set, hash } = view;
  let desired = 0;
  let current = 0;
  let misscheduled = 0;
  let ready = 0;
  let updated = 0;
  let available = 0;
  for (const { name, run } of view.nodes) {
    const pods = view.pods.get(name);
    if (!run) {
      if (pods !== undefined) misscheduled++;
      continue;
    }
    desired++;
    if (pods === undefined) continue;
    current++;
    const pod = pods.length === 1 ? pods[0] : oldestFirst(pods)[0];
    if (isReady(pod!)) ready++;
    if (isAvailable(view, pod!)) available++;
    if (isUpToDate(pod!, set, hash)) updated++;
  }
  const { conditions } = set.status ?? {};
  return {
    currentNumberScheduled: current,
    desiredNumberScheduled: desired,
    numberMisscheduled: misscheduled,
    numberReady: ready,
    ...some('numberAvailable', available),
    ...some('numberUnavailable', desired - available),
    ...some('updatedNumberScheduled', updated),
    ...some('observedGeneration', set.metadata.generation ?? 0),
    ...(collisions > 0 || set.status?.collisionCount !== undefined ? { collisionCount: collisions } : {}),
    ...(conditions && { conditions }),
  };
}
