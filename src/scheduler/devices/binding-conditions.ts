import type { Condition } from '../../api/meta/v1/types.ts';
import type { ResourceClaim } from '../../api/resource/v1/types.ts';

/** Whether the devices of a claim are as far as they have to be before a pod is bound. */
export type BindingState =
  | { readonly kind: 'ready' | 'pending' }
  | { readonly kind: 'failed'; readonly message: string };

/** By the conditions that drivers report of the devices, where devices wait for any. */
export function bindingState({ metadata, status = {} }: Readonly<ResourceClaim>): BindingState {
  if (status.allocation === undefined) return { kind: 'pending' };
  for (const result of status.allocation.devices?.results ?? []) {
    const { bindingConditions = [], bindingFailureConditions = [] } = result;
    if (bindingConditions.length === 0) continue;
    const reported = status.devices?.find(
      ({ driver, pool, device, shareID }) =>
        driver === result.driver && pool === result.pool && device === result.device && shareID === result.shareID,
    );
    const trueOnes = new Map<string, Condition>();
    for (const condition of reported?.conditions ?? [])
      if (condition.status === 'True') trueOnes.set(condition.type, condition);
    for (const name of bindingFailureConditions) {
      const failure = trueOnes.get(name);
      if (failure !== undefined) {
        const { reason, message } = failure;
        const text = `device binding failed: claim=${metadata.name}, reason=${reason}, message=${JSON.stringify(message)}`;
        return { kind: 'failed', message: text };
      }
    }
    if (!bindingConditions.every((name) => trueOnes.has(name))) return { kind: 'pending' };
  }
  return { kind: 'ready' };
}

/** Whether the claim has devices that a pod waits for. */
export function hasBindingConditions({ status }: Readonly<ResourceClaim>): boolean {
  return (
    status?.allocation?.devices?.results?.some(({ bindingConditions = [] }) => bindingConditions.length > 0) === true
  );
}
