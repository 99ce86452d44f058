import type { Pod, PodCondition } from '../api/core/v1/types.ts';
import { parseTime } from '../apimachinery/time.ts';

/** Neither finished nor on its way out: counts as a replica. */
export function isActive(pod: Readonly<Pod>): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function isFinished({ status }: Readonly<Pod>): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** On its way out, with containers that may still run. */
export function isTerminating(pod: Readonly<Pod>): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined;
}

export function podCondition({ status }: Readonly<Pod>, type: string): PodCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Of which generation of the pod something is told. */
export function observed({ metadata: { generation } }: Readonly<Pod>): { readonly observedGeneration?: number } {
  return generation === undefined ? {} : { observedGeneration: generation };
}

export function isReady(pod: Readonly<Pod>): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Milliseconds until the pod has been ready for `minReadySeconds`: 0 if it has, `undefined` if it is not ready. */
export function untilAvailable(pod: Readonly<Pod>, minReadySeconds: number, now: number): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const since = parseTime(ready.lastTransitionTime);
  return since === undefined ? undefined : Math.max(0, since + minReadySeconds * 1000 - now);
}

/** Milliseconds until the next of the pods that are ready has been so for long enough; `undefined` if none is waiting. */
export function untilNextAvailable(
  pods: Iterable<Readonly<Pod>>,
  minReadySeconds: number,
  now: number,
): number | undefined {
  if (minReadySeconds === 0) return undefined;
  let next: number | undefined;
  for (const pod of pods) {
    const wait = untilAvailable(pod, minReadySeconds, now);
    if (wait !== undefined && wait > 0) next = Math.min(wait, next ?? wait);
  }
  return next;
}
