import type { Pod } from '../../api/core/v1/types.ts';
import { compareQuantities, parseQuantity, quantityToNumber } from '../../apimachinery/quantity.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'];

/**
 * The quality of service of a pod (Kubernetes' "Pod Quality of Service Classes"): Guaranteed when every container limits
 * cpu and memory and requests just as much, BestEffort when none asks for any, Burstable otherwise.
 */
export function qosClassOf(pod: Readonly<Pod>): QosClass {
  if (pod.status?.qosClass !== undefined) return pod.status.qosClass;
  const asked = pod.spec.resources;
  const all =
    asked && hasAny(asked.requests, asked.limits)
      ? [asked]
      : [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ resources = {} }) => resources);
  if (all.every(({ requests, limits }) => !hasAny(requests, limits))) return 'BestEffort';
  const isGuaranteed = all.every(({ requests = {}, limits = {} }) =>
    counted.every((name) => isSet(limits[name]) && isSame(requests[name] ?? limits[name], limits[name])),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

function hasAny(...lists: readonly (Readonly<Record<string, string>> | undefined)[]): boolean {
  return lists.some((list) => counted.some((name) => isSet(list?.[name])));
}

function isSet(amount: string | undefined): boolean {
  return amount !== undefined && quantityToNumber(parseQuantity(amount)) > 0;
}

function isSame(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && compareQuantities(parseQuantity(a), parseQuantity(b)) === 0);
}
