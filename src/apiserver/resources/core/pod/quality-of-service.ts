import type { PodSpec, ResourceRequirements } from '../../../../api/core/v1/types.ts';
import { addQuantities, compareQuantities, type Quantity } from '../../../../apimachinery/quantity.ts';
import { readQuantity } from '../pod-spec/quantities.ts';

export type QualityOfService = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'] as const;
type Amounts = Partial<Record<(typeof counted)[number], Quantity>>;

/** How well a pod is treated when its node runs short: by what it asked for, and promised not to exceed. */
export function qualityOfService({
  containers = [],
  initContainers = [],
  resources,
}: Readonly<PodSpec>): QualityOfService {
  const parts = resources === undefined ? [...containers, ...initContainers] : [{ resources }];
  const requests: Amounts = {};
  const limits: Amounts = {};
  let isGuaranteed = true;
  for (const part of parts) {
    addPositive(requests, part.resources?.requests);
    const limited = addPositive(limits, part.resources?.limits);
    if (limited < counted.length) isGuaranteed = false;
  }
  const asked = Object.keys(requests).length;
  const capped = Object.keys(limits).length;
  if (asked === 0 && capped === 0) return 'BestEffort';
  const isEqual = counted.every((name) => {
    const request = requests[name];
    return request === undefined || (limits[name] !== undefined && compareQuantities(request, limits[name]) === 0);
  });
  return isGuaranteed && isEqual && asked === capped ? 'Guaranteed' : 'Burstable';
}

/** Adds the amounts that are more than nothing; the answer is how many there were. */
function addPositive(sum: Amounts, amounts: ResourceRequirements['limits']): number {
  let count = 0;
  for (const name of counted) {
    const text = amounts?.[name];
    if (text === undefined) continue;
    const amount = readQuantity(text);
    if (amount.unscaled <= 0n) continue;
    count++;
    sum[name] = sum[name] === undefined ? amount : addQuantities(sum[name], amount);
  }
  return count;
}
