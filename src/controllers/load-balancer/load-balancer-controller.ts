import { Services, type Service } from '../../api/core/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import { againAfter, settled, type Cluster, type Controller, type Outcome } from '../../reconciler/controller.ts';
import { equalJson } from '../../reconciler/equal-json.ts';
import { AddressPool } from './address-pool.ts';

/** Keeps a Service until its address was given back. */
const cleanupFinalizer = 'service.kubernetes.io/load-balancer-cleanup';
/** When to look again for an address while none is free. */
const retryMs = 10_000;

/**
 * Gives each Service of type LoadBalancer an address of the range, which the nodes then answer for. Services with a class
 * of load balancer belong to somebody else.
 */
export function loadBalancerController(range: string): Controller<Service> {
  const pool = new AddressPool(range);
  let hasLearnt = false;
  return {
    name: 'service-controller',
    for: Services,

    async reconcile(key, cluster) {
      if (!hasLearnt) {
        // What was given before this start counts, before anybody gets something new.
        hasLearnt = true;
        for (const service of cluster.list(Services))
          for (const address of addressesOf(service))
            if (isWanted(service)) pool.take(address, keyText(service.metadata));
      }
      const service = cluster.get(Services, key);
      if (service === undefined) {
        pool.release(keyText(key));
        return settled;
      }
      return isWanted(service) ? await ensure(service, pool, cluster) : await giveBack(service, pool, cluster);
    },
  };
}

/** What is to be done for a Service that wants an address. */
export type BalancerPlan =
  | { readonly kind: 'has' | 'gets'; readonly address: string }
  | { readonly kind: 'fails'; readonly why: string };

/** Finds the Service's address, and notes it in the pool. */
export function planAddress(service: Readonly<Service>, pool: AddressPool): BalancerPlan {
  const holder = keyText(service.metadata);
  const { loadBalancerIP: requested } = service.spec;
  const address = requested ? requested : pool.next(holder);
  if (address === undefined) return { kind: 'fails', why: `no address of ${pool.range} is free` };
  if (!pool.take(address, holder)) {
    const other = pool.holderOf(address);
    const why = other === undefined ? `is not in the range ${pool.range}` : `is the address of Service ${other}`;
    return { kind: 'fails', why: `requested address ${address} ${why}` };
  }
  const isThere = equalJson(addressesOf(service), [address]) && hasFinalizer(service);
  return { kind: isThere ? 'has' : 'gets', address };
}

async function ensure(service: Readonly<Service>, pool: AddressPool, cluster: Cluster): Promise<Outcome> {
  const plan = planAddress(service, pool);
  if (plan.kind === 'has') return settled;
  cluster.events.record(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
  if (plan.kind === 'fails') {
    const message = `Error syncing load balancer: failed to ensure load balancer: ${plan.why}`;
    cluster.events.record(service, 'Warning', 'SyncLoadBalancerFailed', message);
    return againAfter(retryMs);
  }
  const finalizers = [
    ...(service.metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer),
    cleanupFinalizer,
  ];
  await write(service, finalizers, [{ ip: plan.address, ipMode: 'VIP' }], cluster);
  cluster.events.record(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
  return settled;
}

/** For a Service that has an address or may have one, and wants none any more. */
async function giveBack(service: Readonly<Service>, pool: AddressPool, cluster: Cluster): Promise<Outcome> {
  if (!hasFinalizer(service)) {
    pool.release(keyText(service.metadata));
    return settled;
  }
  cluster.events.record(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
  const finalizers = (service.metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer);
  await write(service, finalizers, [], cluster);
  pool.release(keyText(service.metadata));
  cluster.events.record(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
  return settled;
}

/** By the status of the Service, to which alone the controller's role gives it a right. */
async function write(
  service: Readonly<Service>,
  finalizers: readonly string[],
  ingress: readonly { readonly ip: string; readonly ipMode: string }[],
  cluster: Cluster,
): Promise<void> {
  const { resourceVersion } = service.metadata;
  const body = {
    metadata: { finalizers: finalizers.length > 0 ? finalizers : null, resourceVersion },
    status: { loadBalancer: { ingress: ingress.length > 0 ? ingress : null } },
  };
  await cluster.patch(Services, service.metadata, { type: 'merge', body }, { subresource: 'status' });
}

function isWanted({ metadata, spec }: Readonly<Service>): boolean {
  return (
    spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined && metadata.deletionTimestamp === undefined
  );
}

function hasFinalizer({ metadata }: Readonly<Service>): boolean {
  return metadata.finalizers?.includes(cleanupFinalizer) ?? false;
}

function addressesOf({ status }: Readonly<Service>): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
}
