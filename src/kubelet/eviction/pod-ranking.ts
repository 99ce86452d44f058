import { podRequests } from '../../api/core/pod-requests.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { compareQuantities, parseQuantity, quantityOf, quantityToNumber } from '../../apimachinery/quantity.ts';
import { amountText, type MetThreshold, type StarvedResource } from './thresholds.ts';

/** A pod that runs, and how much it has of what its node runs short of, in bytes, inodes or processes. */
export interface PodConsumption {
  readonly pod: Readonly<Pod>;
  /** `undefined`: nobody could tell. */
  readonly used: number | undefined;
  /** By name, of containers that run. */
  readonly containers: ReadonlyMap<string, number>;
}

/**
 * Whom to evict first: who has more than it asked for, then who matters less, then who has most beyond what it asked
 * for ("Node-pressure Eviction", pod selection). Processes nobody asks for: there the priority decides.
 */
export function rankForEviction(all: readonly PodConsumption[], resource: StarvedResource): PodConsumption[] {
  const ranks = all.map((consumption) => {
    const { pod, used } = consumption;
    const requested = requestOf(pod, resource);
    const beyond = used === undefined ? Infinity : used - requested;
    const urgency = resource === 'pids' ? 0 : used === undefined ? 2 : beyond > 0 ? 1 : 0;
    return { consumption, urgency, priority: pod.spec.priority ?? 0, beyond };
  });
  return ranks
    .sort(
      (a, b) => b.urgency - a.urgency || a.priority - b.priority || (a.beyond === b.beyond ? 0 : b.beyond - a.beyond),
    )
    .map(({ consumption }) => consumption);
}

function requestOf(pod: Readonly<Pod>, resource: StarvedResource): number {
  const requested = podRequests(pod)[resource];
  return requested === undefined ? 0 : quantityToNumber(requested);
}

/** The stock kubelet's words for a pod that goes since its node runs short of something. */
export function evictionMessage({ pod, containers }: PodConsumption, met: MetThreshold): string {
  const { resource, threshold, available } = met;
  const text = (amount: number): string => amountText(resource, amount);
  const parts = [
    `The node was low on resource: ${resource}. `,
    `Threshold quantity: ${text(threshold)}, available: ${text(available)}. `,
  ];
  const larger = (what: string, used: string, request: string): string =>
    `${what} was using ${used}, request is ${request}, has larger consumption of ${resource}. `;
  const ofPod = pod.spec.resources?.requests?.[resource];
  if (resource === 'memory' && ofPod !== undefined) {
    const used = [...containers.values()].reduce((sum, bytes) => sum + bytes, 0);
    parts.push(larger(`Pod ${pod.metadata.name}`, text(used), ofPod));
  }
  if (resource === 'memory' || resource === 'ephemeral-storage')
    for (const { name, resources } of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
      const used = containers.get(name);
      const request = resources?.requests?.[resource] ?? '0';
      if (used !== undefined && compareQuantities(quantityOf(used), parseQuantity(request)) > 0)
        parts.push(larger(`Container ${name}`, text(used), request));
    }
  return parts.join('');
}
