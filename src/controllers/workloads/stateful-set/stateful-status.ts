import type { StatefulSet, StatefulSetStatus } from '../../../api/apps/v1/types.ts';
import { some } from '../some.ts';
import { isAvailable, isGoing, isRunningAndReady, podsOf, revisionOf, type StatefulView } from './stateful-view.ts';

/** `updating`: how many pods of the revision that is being left are deleted in this pass. */
export function statefulStatus(view: StatefulView, collisions: number, updating: number): StatefulSetStatus {
  const { set, current, update } = view;
  const pods = podsOf(view);
  const ready = pods.filter(isRunningAndReady);
  const staying = pods.filter((pod) => !isGoing(pod));
  const counts = {
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isAvailable(view, pod)).length,
    updatedReplicas: staying.filter((pod) => revisionOf(pod) === update).length,
  };
  const isDone = isComplete(set, counts);
  const remaining = staying.filter((pod) => revisionOf(pod) === current).length - updating;
  const { conditions } = set.status ?? {};
  return {
    replicas: counts.replicas,
    ...some('readyReplicas', counts.readyReplicas),
    availableReplicas: counts.availableReplicas,
    ...some('currentReplicas', isDone ? counts.updatedReplicas : remaining),
    ...some('updatedReplicas', counts.updatedReplicas),
    ...named('currentRevision', isDone ? update : current),
    ...named('updateRevision', update),
    ...some('observedGeneration', set.metadata.generation ?? 0),
    collisionCount: collisions,
    ...(conditions && { conditions }),
  };
}

/** Whether all pods are of the present template, and ready: it is the current one then. */
function isComplete(
  { spec }: Readonly<StatefulSet>,
  counts: { readonly replicas: number; readonly readyReplicas: number; readonly updatedReplicas: number },
): boolean {
  const { replicas, readyReplicas, updatedReplicas } = counts;
  if (spec.updateStrategy?.type !== 'RollingUpdate') return false;
  return [replicas, readyReplicas, updatedReplicas].every((count) => count === (spec.replicas ?? 1));
}

function named<Name extends string>(name: Name, revision: string): Partial<Record<Name, string>> {
  return revision === '' ? {} : ({ [name]: revision } as Record<Name, string>);
}
