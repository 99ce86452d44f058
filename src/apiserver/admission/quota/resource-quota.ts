import { ResourceQuotas, type ResourceQuota } from '../../../api/core/v1/types.ts';
import { counterOf } from '../../../api/core/quota/counters.ts';
import type { Counter } from '../../../api/core/quota/counter.ts';
import { isStatus } from '../../../apimachinery/status.ts';
import type { ServerContext } from '../../context.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { charged } from './check-quotas.ts';

/** Stores the status of a quota, if the quota is still the one that it was made of. Throws Conflict otherwise. */
export type WriteQuota = (quota: Readonly<ResourceQuota>) => Promise<unknown>;

interface Waiter {
  readonly request: AdmissionRequest;
  readonly counter: Counter;
  readonly done: PromiseWithResolvers<void>;
}

/** How often quotas are charged anew that somebody else has changed meanwhile. */
const tries = 32;

/**
 * Charges what is about to be written to the quotas of its namespace, and refuses what is too much. The charge is in the
 * status of the quota before the object is in the store, so that many who write at the same time cannot use the same
 * room. Requests of one namespace that wait together are charged with one write. What was charged for an object that was
 * not stored after all, the controller finds when it counts again.
 */
export function resourceQuota(write: WriteQuota): AdmissionPlugin {
  /** By namespace; an entry exists while somebody works on it. */
  const waiting = new Map<string, Waiter[]>();

  async function work(namespace: string, context: ServerContext): Promise<void> {
    for (let batch = waiting.get(namespace)!; batch.length > 0; batch = waiting.get(namespace)!) {
      waiting.set(namespace, []);
      try {
        await settle(batch, namespace, context, write);
      } catch (error) {
        // Whoever is settled already does not hear of it; the others, and those that come later, must not wait for ever.
        for (const { done } of batch) done.reject(error);
      }
    }
    waiting.delete(namespace);
  }

  return {
    name: 'ResourceQuota',
    reserve(request, context) {
      const { namespace, type } = request;
      if (namespace === undefined || type.resource === 'namespaces') return;
      const counter = counterOf(type);
      if (counter === undefined || !isCounted(request, counter)) return;
      if (context.scan(ResourceQuotas, namespace).length === 0) return;
      const waiter: Waiter = { request, counter, done: Promise.withResolvers() };
      const others = waiting.get(namespace);
      if (others !== undefined) others.push(waiter);
      else {
        waiting.set(namespace, [waiter]);
        void work(namespace, context);
      }
      return waiter.done.promise;
    },
  };
}

function isCounted({ operation, subresource, object, old }: AdmissionRequest, counter: Counter): boolean {
  if (object === undefined) return false;
  if (operation === 'CREATE') return subresource === undefined;
  return operation === 'UPDATE' && old !== undefined && counter.changesBy?.(subresource, object, old) === true;
}

/** Lets each request of the batch through, or refuses it. Throws only what is a fault of our own. */
async function settle(
  batch: readonly Waiter[],
  namespace: string,
  context: ServerContext,
  write: WriteQuota,
): Promise<void> {
  let waiters = batch;
  /** Of the quotas of the first try, those that could not be written. */
  let left: ReadonlySet<string> | undefined;
  for (let count = 1; waiters.length > 0; count++) {
    const before = context.scan(ResourceQuotas, namespace).filter(({ metadata }) => left?.has(metadata.name) ?? true);
    const { quotas, charging } = chargeAll(before, waiters, context.clock.now());
    const failures = new Map<string, unknown>();
    await Promise.all(
      quotas
        .filter((quota, i) => quota !== before[i])
        .map((quota) => write(quota).catch((error: unknown) => failures.set(quota.metadata.name, error))),
    );
    const [failure] = failures.values();
    if (failures.size === 0) for (const { done } of charging) done.resolve();
    else if (count === tries || !isRepeatable(failure)) for (const { done } of charging) done.reject(failure);
    if (failures.size === 0 || count === tries || !isRepeatable(failure)) return;
    waiters = charging;
    left = new Set(failures.keys());
  }
}

/** Another write was faster, or has deleted the quota. */
function isRepeatable(error: unknown): boolean {
  return isStatus(error, 'Conflict', 'NotFound');
}

/** Charges one request after the other; those that are refused, or change nothing, are told at once. */
function chargeAll(
  before: readonly Readonly<ResourceQuota>[],
  waiters: readonly Waiter[],
  now: number,
): { readonly quotas: readonly Readonly<ResourceQuota>[]; readonly charging: readonly Waiter[] } {
  let quotas = before;
  const charging: Waiter[] = [];
  for (const waiter of waiters) {
    const { request, counter, done } = waiter;
    try {
      const after = charged(quotas, request, counter, now);
      if (request.dryRun || after.every((quota, i) => quota === quotas[i])) {
        done.resolve();
        continue;
      }
      quotas = after;
      charging.push(waiter);
    } catch (error) {
      done.reject(error);
    }
  }
  return { quotas, charging };
}
