import { IPAddresses, ServiceCIDRs, type IPAddress, type ServiceCIDR } from '../../api/networking/v1/types.ts';
import type { Condition } from '../../api/meta/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { againAfter, settled, type Cluster, type ClusterReader, type Controller } from '../../reconciler/controller.ts';
import { containsAddress, containsPrefix, overlaps } from './prefixes.ts';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const managedByLabel = 'ipaddress.kubernetes.io/managed-by';
const allocatorName = 'ipallocator.k8s.io';

/** So long after its deletion a range stays at least: every server must have stopped giving out of it, in milliseconds. */
const deletionGraceMs = 10_000;

/**
 * Keeps a ServiceCIDR for as long as Services have addresses that are in no other one, and says whether it is ready
 * (KEP-1880).
 */
export const serviceCidrsController: Controller<ServiceCIDR> = {
  name: 'service-cidrs-controller',
  for: ServiceCIDRs,
  watches: [
    {
      type: ServiceCIDRs,
      wakes: (changed: Readonly<ServiceCIDR>, cluster) =>
        cluster
          .list(ServiceCIDRs)
          .filter((one) => overlaps(one, changed))
          .map(keyOf),
    },
    {
      type: IPAddresses,
      wakes: (changed: Readonly<IPAddress>, cluster) =>
        isManaged(changed) ? holdersOf(changed, cluster).map(keyOf) : [],
    },
  ],

  async reconcile({ name }, cluster) {
    const range = cluster.get(ServiceCIDRs, { name });
    if (range === undefined) return settled;
    const { deletionTimestamp } = range.metadata;
    if (deletionTimestamp === undefined) {
      const kept = await addFinalizer(range, cluster);
      await setReady(kept, { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' }, cluster);
      return settled;
    }
    if (!canGo(range, cluster)) {
      const message =
        'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';
      await setReady(range, { status: 'False', reason: 'Terminating', message }, cluster);
      return settled;
    }
    const left = Date.parse(deletionTimestamp) + deletionGraceMs - cluster.clock.now();
    if (left > 0) return againAfter(left);
    await removeFinalizer(range, cluster);
    return settled;
  },
};

function keyOf({ metadata }: Readonly<ServiceCIDR>) {
  return { name: metadata.name };
}

function isManaged({ metadata }: Readonly<IPAddress>): boolean {
  return metadata.labels?.[managedByLabel] === allocatorName;
}

function holdersOf({ metadata }: Readonly<IPAddress>, cluster: ClusterReader): Readonly<ServiceCIDR>[] {
  return cluster.list(ServiceCIDRs).filter((one) => containsAddress(one, metadata.name));
}

/** Whether no address would be left without a range. */
function canGo(range: Readonly<ServiceCIDR>, cluster: ClusterReader): boolean {
  const others = cluster.list(ServiceCIDRs).filter(({ metadata }) => metadata.name !== range.metadata.name);
  const cidrs = range.spec.cidrs ?? [];
  if (cidrs.every((cidr) => others.some((other) => containsPrefix(other, cidr)))) return true;
  return !cluster
    .list(IPAddresses)
    .some(
      (one) =>
        isManaged(one) &&
        containsAddress(range, one.metadata.name) &&
        !others.some((other) => containsAddress(other, one.metadata.name)),
    );
}

async function addFinalizer(range: Readonly<ServiceCIDR>, cluster: Cluster): Promise<Readonly<ServiceCIDR>> {
  const { name, finalizers = [] } = range.metadata;
  if (finalizers.includes(finalizer)) return range;
  const body = { metadata: { finalizers: [finalizer] } };
  return cluster.patch(ServiceCIDRs, { name }, { type: 'strategic', body });
}

async function removeFinalizer({ metadata: { name, finalizers = [] } }: Readonly<ServiceCIDR>, cluster: Cluster) {
  if (!finalizers.includes(finalizer)) return;
  const body = { metadata: { '$deleteFromPrimitiveList/finalizers': [finalizer] } };
  await cluster.patch(ServiceCIDRs, { name }, { type: 'strategic', body });
}

async function setReady(
  range: Readonly<ServiceCIDR>,
  wanted: Pick<Condition, 'status' | 'reason' | 'message'>,
  cluster: Cluster,
): Promise<void> {
  const conditions = range.status?.conditions ?? [];
  const there = conditions.find(({ type }) => type === 'Ready');
  const isSame = there?.status === wanted.status && there.reason === wanted.reason && there.message === wanted.message;
  if (isSame) return;
  const ready: Condition = { type: 'Ready', ...wanted, lastTransitionTime: rfc3339(cluster.clock.now()) };
  const others = conditions.filter(({ type }) => type !== 'Ready');
  await cluster.updateStatus(ServiceCIDRs, range, { ...range.status, conditions: [...others, ready] });
}
