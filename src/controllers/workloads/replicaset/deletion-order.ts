import type { Pod } from '../../../api/core/v1/types.ts';
import { parseTime } from '../../../apimachinery/time.ts';
import { isReady, podCondition } from '../../pod-state.ts';

export const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

/**
 * The `count` pods that are missed least: those without a node, not running, not ready, of low deletion cost, on a node
 * with many of their kind, ready for a short time, restarted often, young. `related` are the pods of all replica sets
 * of the same workload, by which crowding on a node is measured.
 */
export function podsToDelete(
  pods: readonly Readonly<Pod>[],
  related: readonly Readonly<Pod>[],
  count: number,
  now: number,
): Readonly<Pod>[] {
  if (count >= pods.length) return [...pods];
  const crowds = new Map<string, number>();
  for (const { spec } of related) {
    if (spec.nodeName) crowds.set(spec.nodeName, (crowds.get(spec.nodeName) ?? 0) + 1);
  }
  const worth = new Map(pods.map((pod) => [pod, worthOf(pod, crowds, now)]));
  return [...pods].sort((a, b) => compare(worth.get(a)!, worth.get(b)!)).slice(0, count);
}

const phaseWorth: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** Compared from left to right; the smaller goes first. */
function worthOf(pod: Readonly<Pod>, crowds: ReadonlyMap<string, number>, now: number): readonly (number | string)[] {
  const { nodeName } = pod.spec;
  const ready = isReady(pod);
  const restarts = [...(pod.status?.containerStatuses ?? [])].map(({ restartCount = 0 }) => restartCount);
  return [
    nodeName ? 1 : 0,
    phaseWorth[pod.status?.phase ?? ''] ?? 0,
    ready ? 1 : 0,
    deletionCost(pod),
    nodeName ? -(crowds.get(nodeName) ?? 0) : 0,
    ready ? magnitude(podCondition(pod, 'Ready')?.lastTransitionTime, now) : 0,
    -Math.max(0, ...restarts),
    magnitude(pod.metadata.creationTimestamp, now),
    pod.metadata.uid ?? '',
  ];
}

/** How long ago, in powers of two: pods of about the same age count as equals, so that chance (the uid) chooses. */
function magnitude(time: string | undefined, now: number): number {
  const age = now - (parseTime(time) ?? now);
  return age > 0 ? Math.floor(Math.log2(age * 1e6)) : -1;
}

function deletionCost({ metadata }: Readonly<Pod>): number {
  const cost = metadata.annotations?.[deletionCostAnnotation];
  return cost !== undefined && /^(0|-?[1-9]\d{0,9})$/.test(cost) ? Number(cost) : 0;
}

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]!;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
